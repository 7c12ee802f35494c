// One message's life as lines of a page: the words of each step. Pure apart from the language.
import { fmt } from '$lib/format';
import { i18n, t } from '$lib/i18n';

export interface Step {
	at: string;
	kind: string;
	detail?: string | null;
	data: unknown;
}
export interface Line {
	at: string;
	tone: 'plain' | 'ok' | 'warn' | 'bad';
	title: string;
	text: string | null;
	/** Another message that the step leads to. */
	to: string | null;
}

type Facts = Record<string, unknown>;
const facts = (value: unknown): Facts => (value && typeof value === 'object' ? (value as Facts) : {});
const word = (value: unknown): string => (typeof value === 'string' ? value : '');

const tones: Record<string, Line['tone']> = { refused: 'warn', held: 'warn', uncertain: 'warn', policy: 'warn', failed: 'bad', expired: 'bad', cancelled: 'bad', delivered: 'ok', read: 'ok', played: 'ok' };

export function line(step: Step): Line {
	const data = facts(step.data);
	const status = word(data.status);
	const kind = step.kind === 'status' ? status : step.kind;
	const by = word(data.by) || word(data.author);
	const parts: string[] = [];
	if (kind === 'enqueued' || kind === 'received') parts.push(by || (i18n.maybe(`origin.${word(data.origin)}`) ?? ''));
	if (kind === 'refused' || kind === 'held' || kind === 'uncertain') {
		if (typeof data.try === 'number' && data.try > 1) parts.push(t('life.try', { count: data.try }));
		if (step.detail) parts.push(step.detail);
		if (word(data.next_at)) parts.push(t(kind === 'uncertain' ? 'life.settles_at' : 'life.next_at', { time: fmt.dateTime(word(data.next_at)) }));
	} else if (step.detail && kind !== 'policy') parts.push(step.detail);
	if (kind === 'settled') parts.push(by);
	const title =
		kind === 'settled' ? t(`life.decision.${word(data.decision) as 'mark_sent'}`) : kind === 'policy' ? t(`life.policy.${word(data.policy) as 'ask'}`) : (i18n.maybe(`life.${kind}`) ?? i18n.maybe(`status.${kind}`) ?? kind);
	return { at: step.at, tone: tones[kind] ?? 'plain', title, text: parts.filter(Boolean).join(' · ') || null, to: word(data.message_id) || null };
}

export interface Cost {
	billable?: boolean | null;
	category?: string | null;
	type?: string | null;
	model?: string | null;
}

/** What a message costs, in a sentence. */
export function costs(cost: Cost): string {
	const category = i18n.maybe(`cost.category.${cost.category}`) ?? cost.category ?? t('cost.unknown');
	if (cost.type === 'free_customer_service') return t('cost.free_service', { category });
	if (cost.type === 'free_entry_point') return t('cost.free_entry', { category });
	if (cost.billable === false) return t('cost.free', { category });
	if (cost.billable === true) return t('cost.billable', { category });
	return category;
}
