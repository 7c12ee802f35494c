// How Meta's words about a number look: its quality, its name, how many people it may write to.
import { fmt } from '$lib/format';
import { i18n, t } from '$lib/i18n';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'info' | 'accent';

const tones: Record<string, Tone> = { GREEN: 'ok', YELLOW: 'warn', RED: 'bad' };

export const qualityTone = (rating: string | null | undefined): Tone => tones[rating ?? ''] ?? 'plain';

export const qualityWord = (rating: string | null | undefined): string => i18n.maybe(`platform.quality.${rating ?? 'UNKNOWN'}`) ?? rating ?? t('platform.quality.UNKNOWN');

/** People that may be written to first in 24 h: 2000 of TIER_2K, Infinity where there is no limit, null where unknown. */
export function messagingLimit(tier: string | null | undefined): number | null {
	if (tier === 'TIER_UNLIMITED') return Infinity;
	const found = /^TIER_(\d+)(K?)$/.exec(tier ?? '');
	return found ? Number(found[1]) * (found[2] ? 1000 : 1) : null;
}

export function limitWords(tier: string | null | undefined): string {
	const limit = messagingLimit(tier);
	if (limit === null) return t('platform.numbers.limit_unknown');
	return limit === Infinity ? t('platform.numbers.unlimited') : t('platform.numbers.limit', { people: fmt.number(limit) });
}

/** The state of the verified name, or of the connection where that is what matters. */
export function numberState(number: { status?: string | null; code_verification_status?: string | null }): { word: string; bad: boolean } {
	const status = number.status ?? '';
	if (status && status !== 'CONNECTED') return { word: i18n.maybe(`platform.numbers.status.${status}`) ?? status.toLowerCase().replaceAll('_', ' '), bad: true };
	const code = number.code_verification_status ?? '';
	return { word: i18n.maybe(`platform.numbers.code.${code}`) ?? code.toLowerCase().replaceAll('_', ' '), bad: code !== 'VERIFIED' && code !== '' };
}
