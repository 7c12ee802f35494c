// The course of a sign-up in Meta's window, as a pure machine: it takes what happens, and says what is to be done.
//
// Two results come from the window, in no fixed order, and each may be missing: the SDK's callback with a code that
// lives 30 seconds, and a message that names the accounts. The code is what counts: it is sent as soon as the message
// is there too, or a moment later without it, for the server finds the account by the token as well.
import { COEXISTENCE, type Account, type Finished, type SignupMessage } from './message';

/** A new number, a number that stays in the WhatsApp Business app, or an account without a number. */
export type Mode = 'number' | 'business_app' | 'account_only';

/** Why it did not go on. */
export type Fault =
	/** Meta's SDK did not load. */
	| 'sdk'
	/** The browser kept the window shut. */
	| 'popup'
	/** Meta says it is finished and gave no code. */
	| 'no_code'
	/** The code was too old before the server had it. */
	| 'code_late'
	/** Our server refused. */
	| 'refused'
	/** Meta's window reported an error. */
	| 'meta';

export interface Signup {
	phase: 'loading' | 'ready' | 'opening' | 'open' | 'settling' | 'sending' | 'sent' | 'cancelled' | 'failed';
	mode: Mode;
	/** Counts the windows: an older one that was given up has nothing more to refuse. */
	attempt: number;
	/** Meta's older form of the call: after an error in the present one. */
	older: boolean;
	code: { value: string; at: number } | null;
	finished: Finished | null;
	fault: Fault | null;
	/** The screen at which the person left, where Meta says it. */
	step: string | null;
	error: { message: string | null; code: string | null; session: string | null } | null;
	/** When to tick, in ms since 1970; null when nothing waits for time. */
	wake: number | null;
}

export type Input =
	| { type: 'sdk'; loaded: boolean }
	| { type: 'start'; mode: Mode }
	/** Whether a window came of it. */
	| { type: 'window'; opened: boolean; attempt: number }
	| { type: 'callback'; code: string | null; attempt: number }
	| { type: 'message'; message: SignupMessage }
	| { type: 'sent' }
	| { type: 'send_failed'; passing: boolean }
	/** Back to the button. */
	| { type: 'reset' }
	| { type: 'tick' };

/** What the server is told. */
export interface Claim extends Account {
	code: string;
	event: string | null;
	coexistence: boolean;
}
/** What is kept about a sign-up that came to nothing. */
export interface Report {
	event: string;
	step: string | null;
	message: string | null;
	code: string | null;
	session: string | null;
}
export type Effect = { do: 'open'; mode: Mode; older: boolean; attempt: number } | { do: 'send'; claim: Claim } | { do: 'report'; report: Report };

/** A window that has not come by then was kept shut. */
const WINDOW_MS = 2_000;
/** So long the code waits for the message. */
const MESSAGE_MS = 1_500;
/** So long a finished sign-up waits for its code. */
const CODE_MS = 15_000;
/** A window that was closed may still be saying at which screen. */
const LAST_WORD_MS = 700;
/** Meta lets a code live for 30 s; the server needs a moment of them. */
const CODE_LIFE_MS = 28_000;
const RETRY_MS = 1_500;

export const begin = (): Signup => ({ phase: 'loading', mode: 'number', attempt: 0, older: false, code: null, finished: null, fault: null, step: null, error: null, wake: null });

type Turn = [Signup, Effect[]];

/** What follows from an input at `now` (ms since 1970). */
export function next(state: Signup, input: Input, now: number): Turn {
	switch (input.type) {
		case 'sdk':
			if (state.phase !== 'loading') return [state, []];
			return input.loaded ? [{ ...state, phase: 'ready' }, []] : [failed(state, 'sdk'), []];
		case 'start':
			return start(state, input.mode, now);
		case 'window':
			if (state.phase !== 'opening' || input.attempt !== state.attempt) return [state, []];
			return input.opened ? [{ ...state, phase: 'open', wake: null }, []] : [failed(state, 'popup'), []];
		case 'callback':
			// A code counts from whichever window; that one was closed, only from the present one.
			return input.code || input.attempt === state.attempt ? callback(state, input.code, now) : [state, []];
		case 'message':
			return message(state, input.message, now);
		case 'sent':
			return [{ ...state, phase: 'sent', wake: null }, []];
		case 'send_failed':
			return sendFailed(state, input.passing, now);
		case 'reset':
			return state.phase === 'loading' || state.fault === 'sdk' ? [{ ...begin(), attempt: state.attempt }, []] : [{ ...begin(), phase: 'ready', mode: state.mode, attempt: state.attempt, older: state.older }, []];
		case 'tick':
			return state.wake !== null && now >= state.wake ? tick(state, now) : [state, []];
	}
}

function start(state: Signup, mode: Mode, now: number): Turn {
	if (state.phase === 'loading' || state.phase === 'sending' || state.phase === 'sent' || state.fault === 'sdk') return [state, []];
	// The older form is for whom the present one failed; an account alone can be shared in no other.
	const older = mode === 'account_only' || state.older || state.fault === 'meta';
	const attempt = state.attempt + 1;
	return [{ ...begin(), phase: 'opening', mode, attempt, older, wake: now + WINDOW_MS }, [{ do: 'open', mode, older, attempt }]];
}

/** Nothing of the window counts before it was opened, nor after its code is on its way. */
const listens = (state: Signup) => ['opening', 'open', 'settling', 'cancelled', 'failed'].includes(state.phase) && state.fault !== 'sdk' && state.fault !== 'refused';

function callback(state: Signup, value: string | null, now: number): Turn {
	if (!listens(state)) return [state, []];
	if (value) {
		const taken: Signup = { ...state, code: { value, at: now }, fault: null, error: null, step: null };
		return taken.finished ? send(taken, now) : [{ ...taken, phase: 'settling', wake: now + MESSAGE_MS }, []];
	}
	if (state.phase === 'cancelled' || state.phase === 'failed') return [state, []];
	if (state.finished) return [failed(state, 'no_code'), []];
	if (state.phase === 'opening') return [failed(state, 'popup'), []];
	return [{ ...state, phase: 'settling', wake: now + LAST_WORD_MS }, []];
}

function message(state: Signup, told: SignupMessage, now: number): Turn {
	if (!listens(state)) return [state, []];
	if (told.kind === 'finished') {
		const taken: Signup = { ...state, finished: told };
		if (taken.code) return send(taken, now);
		if (state.phase === 'failed') return [taken, []];
		return [{ ...taken, phase: 'settling', fault: null, step: null, wake: now + CODE_MS }, []];
	}
	// A code is more than a word of having left.
	if (state.code) return [state, []];
	if (told.kind === 'cancelled') {
		if (state.phase === 'cancelled') return [state, []];
		return [{ ...state, phase: 'cancelled', step: told.step, fault: null, wake: null }, [reported({ event: told.event, step: told.step })]];
	}
	const { message, code, session } = told;
	return [{ ...failed(state, 'meta'), error: { message, code, session } }, [reported({ event: told.event, message, code, session })]];
}

function sendFailed(state: Signup, passing: boolean, now: number): Turn {
	if (state.phase !== 'sending' || !state.code) return [state, []];
	if (!passing) return [failed(state, 'refused'), []];
	if (now + RETRY_MS - state.code.at >= CODE_LIFE_MS) return [failed(state, 'code_late'), []];
	return [{ ...state, wake: now + RETRY_MS }, []];
}

function tick(state: Signup, now: number): Turn {
	if (state.phase === 'opening') return [failed(state, 'popup'), []];
	if (state.phase !== 'settling' && state.phase !== 'sending') return [{ ...state, wake: null }, []];
	if (state.code) return send(state, now);
	if (state.finished) return [failed(state, 'no_code'), []];
	return [{ ...state, phase: 'cancelled', wake: null }, [reported({ event: 'CANCEL' })]];
}

function send(state: Signup, now: number): Turn {
	if (!state.code) return [state, []];
	if (now - state.code.at >= CODE_LIFE_MS) return [failed(state, 'code_late'), []];
	const told = state.finished;
	const claim: Claim = {
		code: state.code.value,
		wabaId: told?.account.wabaId ?? null,
		phoneNumberId: told?.account.phoneNumberId ?? null,
		businessId: told?.account.businessId ?? null,
		event: told?.event ?? null,
		// What the window says goes before what was asked of it: another way may have been chosen in it.
		coexistence: told ? told.event === COEXISTENCE : state.mode === 'business_app'
	};
	return [{ ...state, phase: 'sending', wake: null }, [{ do: 'send', claim }]];
}

const failed = (state: Signup, fault: Fault): Signup => ({ ...state, phase: 'failed', fault, wake: null });
const reported = (part: Partial<Report> & { event: string }): Effect => ({ do: 'report', report: { step: null, message: null, code: null, session: null, ...part } });
