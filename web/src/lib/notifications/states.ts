// The words and colours of what became of an event.
import { i18n } from '$lib/i18n';
import type { EventRow, Result } from './types';

export const EVENT_STATES = ['waiting', 'sent', 'scheduled', 'held', 'failed', 'skipped', 'cancelled', 'ignored'] as const;
type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'info' | 'accent';

const tones: Record<string, Tone> = { waiting: 'info', sent: 'ok', scheduled: 'accent', held: 'warn', failed: 'bad', retrying: 'info', skipped: 'plain', cancelled: 'plain', ignored: 'plain' };
export const toneOf = (state: string): Tone => tones[state] ?? 'plain';
export const stateName = (state: string): string => i18n.maybe(`notify.state.${state}`) ?? state;
/** Not a state of the event: a rule has done its part, and WhatsApp did not take or deliver what it sent. */
export const MESSAGE_FAILED = 'message_failed';
/** A chosen filter as the server takes it. */
export const narrowTo = ({ state, ...rest }: Record<string, string>): Record<string, string | boolean> => (state === MESSAGE_FAILED ? { ...rest, message_failed: true } : state ? { ...rest, state } : rest);
const undelivered = (row: EventRow): boolean => row.failed_messages > 0 && row.state !== 'failed' && row.state !== 'held';
export const rowTone = (row: EventRow): Tone => (undelivered(row) ? 'bad' : toneOf(row.state));
export const rowName = (row: EventRow): string => stateName(undelivered(row) ? MESSAGE_FAILED : row.state);
const messageTones: Record<string, Tone> = { failed: 'bad', uncertain: 'warn', held: 'warn', read: 'ok', played: 'ok', delivered: 'ok', sent: 'ok', accepted: 'ok' };
/** What became of the message; a rule has done its part when it is recorded. */
export const messageTone = (status: string): Tone => messageTones[status] ?? 'info';
export const messageName = (status: string): string => i18n.maybe(`history.status.${status}`) ?? i18n.maybe(`status.${status}`) ?? status;
/** Why a rule sent nothing, in the person's language; else the server's own words. */
export const whyOf = (result: Result): string | null => (result.reason ? (i18n.maybe(`notify.reason.${result.reason}`) ?? result.reason) : null);
export const todoOf = (result: Result): string | null => (result.reason ? i18n.maybe(`notify.todo.${result.reason}`) : null) ?? result.what_to_do ?? null;
/** Whether trying again can help: it is held or failed. */
export const canRetry = (result: Result): boolean => result.state === 'held' || result.state === 'failed';
