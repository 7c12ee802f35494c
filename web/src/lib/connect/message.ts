// What Meta's sign-up window says to the page that opened it. Everything in it is a claim of a browser: the server
// checks it with the token. Here only the sender is checked, and the form.

/** Ids that the window named. Any of them may be missing; a Business app number comes without its number. */
export interface Account {
	wabaId: string | null;
	phoneNumberId: string | null;
	businessId: string | null;
}
export interface Finished {
	kind: 'finished';
	/** Meta's word, such as `FINISH_ONLY_WABA`. */
	event: string;
	account: Account;
}
export interface Cancelled {
	kind: 'cancelled';
	event: string;
	/** Meta's word for the screen that was open. */
	step: string | null;
}
export interface Errored {
	kind: 'errored';
	event: string;
	message: string | null;
	code: string | null;
	/** Meta's support asks for it. */
	session: string | null;
}
export type SignupMessage = Finished | Cancelled | Errored;

/** The end with which a number stays on the phone. */
export const COEXISTENCE = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
const TYPE = 'WA_EMBEDDED_SIGNUP';

/** Whether a message may come from Meta: https and a host below facebook.com, or exactly where its windows come from. */
export function trusted(origin: string, loginUrl: string): boolean {
	const sender = originOf(origin);
	// An origin is written in one way only; `null` and anything with a path are none.
	if (!sender || sender.origin !== origin) return false;
	if (sender.origin === originOf(loginUrl)?.origin) return true;
	return sender.protocol === 'https:' && sender.port === '' && sender.hostname.endsWith('.facebook.com');
}

/** What a message event says; null where it is from somebody else, or about something else. */
export function read(event: { origin: string; data: unknown }, loginUrl: string): SignupMessage | null {
	if (!trusted(event.origin, loginUrl) || typeof event.data !== 'string') return null;
	const whole = object(parse(event.data));
	if (whole.type !== TYPE || typeof whole.event !== 'string') return null;
	const data = object(whole.data);
	const name = whole.event;
	if (name.startsWith('FINISH')) return { kind: 'finished', event: name, account: accountOf(data) };
	const message = text(data.error_message);
	const code = text(data.error_code) ?? text(data.error_id);
	// Errors that a person reported come as CANCEL too; earlier they had an event of their own.
	if (name === 'ERROR' || (name === 'CANCEL' && (message || code))) return { kind: 'errored', event: name, message, code, session: text(data.session_id) };
	if (name === 'CANCEL') return { kind: 'cancelled', event: name, step: text(data.current_step) };
	return null;
}

function accountOf(data: Record<string, unknown>): Account {
	const first = (list: unknown) => (Array.isArray(list) ? list[0] : undefined);
	return { wabaId: id(data.waba_id) ?? id(first(data.waba_ids)), phoneNumberId: id(data.phone_number_id), businessId: id(data.business_id) };
}

/** Meta's ids are digits; anything else is not one. */
function id(value: unknown): string | null {
	const found = text(value);
	return found && /^\d{1,32}$/.test(found) ? found : null;
}

function text(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value.slice(0, 500) : null;
}

function object(value: unknown): Record<string, unknown> {
	return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function parse(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return null;
	}
}

function originOf(url: string): URL | null {
	try {
		return new URL(url);
	} catch {
		return null;
	}
}
