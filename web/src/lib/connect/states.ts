// Where connections, runs and steps stand: colours, and what a person can do next. Pure but for the words.
import { i18n, t } from '$lib/i18n';
import type { Tone } from '$lib/platform/quality';
import type { Connection, ConnectionState, Run, RunStep, StepState, Way } from './types';

export const stateTone: Record<ConnectionState, Tone> = { connecting: 'info', connected: 'ok', action_needed: 'warn', disconnected: 'plain' };
export const stepTone: Record<StepState, Tone> = { pending: 'plain', running: 'info', done: 'ok', skipped: 'plain', failed: 'bad' };

export const stateWord = (state: ConnectionState): string => t(`connect.state.${state}`);
export const wayWord = (way: Way): string => t(`connect.way.${way}`);
export const stepWord = (step: string): string => i18n.maybe(`connect.step.${step}`) ?? step.replaceAll('_', ' ');

/** What the person presses. `pin` and `again` need something of them; `contact` needs somebody else. */
export type NextAction = 'resume' | 'again' | 'pin' | 'contact' | 'wait';

/** Only fresh access from Meta helps. */
const NEEDS_SIGN_IN = new Set(['code_used', 'code_late', 'code_refused', 'token_invalid', 'token_lacks_permission', 'token_of_other_app', 'waba_not_shared', 'waba_unclear', 'waba_is_platforms', 'number_not_in_waba', 'account_gone']);
const NEEDS_PIN = new Set(['pin_mismatch', 'pin_locked']);

export function nextAction(cause: string | null | undefined, who?: string | null): NextAction {
	if (cause && NEEDS_PIN.has(cause)) return 'pin';
	if (cause && NEEDS_SIGN_IN.has(cause)) return 'again';
	if (who === 'platform') return 'contact';
	if (who === 'nobody') return 'wait';
	return 'resume';
}

/** Whether a run is still at work, so that the page follows it. */
export const atWork = (run: Run | null | undefined): boolean => run?.state === 'running';
/** Whether a run has an end that the person should see on the page. */
export const unfinished = (connection: Connection): boolean => connection.state !== 'disconnected' && Boolean(connection.run) && connection.run?.state !== 'done' && connection.run?.state !== 'cancelled';

/** The step at which a run is, or stopped. */
export const whereItStands = (run: Run | null | undefined): RunStep | null =>
	run?.steps.find((step) => step.state === 'failed') ?? run?.steps.find((step) => step.state === 'running') ?? run?.steps.find((step) => step.state === 'pending') ?? null;

export const reasonWords = (reason: string): string => i18n.maybe(`connect.reason.${reason}`) ?? reason.replaceAll('_', ' ');
