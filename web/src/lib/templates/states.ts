// The words and colours of a template's states. The words are Meta's; DRAFT is ours.
import { i18n, t, type Key } from '$lib/i18n';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'info' | 'accent';

const tones: Record<string, Tone> = {
	DRAFT: 'plain',
	PENDING: 'info',
	IN_APPEAL: 'info',
	APPROVED: 'ok',
	REJECTED: 'bad',
	PAUSED: 'warn',
	DISABLED: 'bad',
	FLAGGED: 'warn',
	LIMIT_EXCEEDED: 'bad',
	ARCHIVED: 'plain',
	PENDING_DELETION: 'warn',
	DELETED: 'plain'
};
export const STATUSES = Object.keys(tones);
export const CATEGORIES = ['UTILITY', 'MARKETING', 'AUTHENTICATION'] as const;

/** `APPROVED` as "Approved"; a word that is new at Meta stays readable. */
const readable = (word: string) => word.charAt(0) + word.slice(1).toLowerCase().replaceAll('_', ' ');
export const statusName = (status: string): string => i18n.maybe(`tpl.status.${status}`) ?? readable(status);
export const statusTone = (status: string): Tone => tones[status] ?? 'plain';
export const categoryName = (category: string): string => i18n.maybe(`tpl.category.${category}`) ?? readable(category);
export const qualityName = (quality: string): string => i18n.maybe(`tpl.quality.${quality}`) ?? readable(quality);
export const qualityTone = (quality: string): Tone => (({ GREEN: 'ok', YELLOW: 'warn', RED: 'bad' }) as Record<string, Tone>)[quality] ?? 'plain';

/** What a step of the history began or ended with, in words; whole texts are left out. */
export function stepValue(kind: string, value: unknown): string {
	if (typeof value !== 'string' || value === '') return '';
	if (value.length > 60 || value.startsWith('[') || value.startsWith('{')) return '';
	if (kind === 'status' || kind === 'created' || kind === 'deleted') return statusName(value);
	if (kind === 'quality') return qualityName(value);
	if (kind.startsWith('category')) return categoryName(value);
	return value;
}

/** Why it cannot be changed now. */
export const whyNot = (editable: { why?: string | null }): string => (editable.why ? i18n.maybe(`tpl.locked.${editable.why}`) : null) ?? t('tpl.not_editable');

/** Why Meta rejected it, and what to do about it. */
export function rejection(reason: string): { why: string; todo: string } {
	const word = i18n.maybe(`tpl.rejected.${reason}`) ? reason : 'OTHER';
	return { why: t(`tpl.rejected.${word}` as Key), todo: t(`tpl.rejected.${word}.todo` as Key) };
}
