// How far a roll-out is. Pure but for its words.
import { i18n } from '$lib/i18n';

export const ROLLOUT_STATES = ['approved', 'pending', 'creating', 'queued', 'rejected', 'failed', 'paused', 'disabled', 'skipped'] as const;
type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'info' | 'accent';
const tones: Record<string, Tone> = { approved: 'ok', pending: 'info', creating: 'info', queued: 'plain', rejected: 'bad', failed: 'bad', paused: 'warn', disabled: 'bad', skipped: 'plain' };

export const toneOf = (state: string): Tone => tones[state] ?? 'plain';
export const stateName = (state: string): string => i18n.maybe(`gtpl.state.${state}`) ?? state;
/** States in which trying again does something. */
export const canRetry = (state: string): boolean => state === 'failed' || state === 'rejected';

/** Rows that stand, that went wrong and in all; those without an account are not waited for. */
export function progressOf(counts: Record<string, number>): { done: number; wrong: number; all: number } {
	const of = (state: string) => counts[state] ?? 0;
	return { done: of('approved'), wrong: of('failed') + of('rejected') + of('disabled') + of('paused'), all: Math.max(0, (counts.total ?? 0) - of('skipped')) };
}

/** The name under which a row is chosen: a shared account has one template for all its tenants. */
export const rowKey = (row: { waba_id?: string | null; language: string }): string => `${row.waba_id ?? ''}.${row.language}`;
export const readKey = (key: string): { waba_id: string; language: string } => {
	const at = key.indexOf('.');
	return { waba_id: key.slice(0, at), language: key.slice(at + 1) };
};
