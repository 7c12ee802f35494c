// What was written here and the server does not have yet: kept for each person and conversation, so that a lost
// connection or a reload loses nothing. Everything is under the key that it is sent with, so nothing goes twice. Files
// are not kept: their bytes are too many.
import type { LocalMessage } from './outgoing';

const PREFIX = 'trunkline.unsent.';
/** What is older is not sent by itself any more: its writer may have forgotten it, and the server its key after a week. */
export const TOO_OLD_MS = 24 * 3_600_000;

export type Kept = Pick<LocalMessage, 'key' | 'body' | 'message' | 'note' | 'problem'>;

/** The person and the tenant: on one computer there may be several. */
export type Owner = `${string}.${string}`;

const place = (owner: Owner, conversation: string, key = '') => `${PREFIX}${owner}.${conversation}.${key}`;

/** False where it could not be kept. */
export function keep(owner: Owner, conversation: string, { key, body, message, note, problem }: Kept): boolean {
	try {
		localStorage.setItem(place(owner, conversation, key), JSON.stringify({ key, body, message, note, problem }));
		return true;
	} catch {
		// Storage is off or full: it stands in the thread for as long as the page does.
		return false;
	}
}

export function forget(owner: Owner, conversation: string, key: string): void {
	try {
		localStorage.removeItem(place(owner, conversation, key));
	} catch {
		// It was not kept either.
	}
}

/** Whether it is kept still: another tab may have sent it, or a person discarded it there. */
export function isKept(owner: Owner, conversation: string, key: string): boolean {
	try {
		return localStorage.getItem(place(owner, conversation, key)) !== null;
	} catch {
		return true;
	}
}

/** What is kept for a conversation, in the order in which it was written. */
export function keptOf(owner: Owner, conversation: string): Kept[] {
	return names(place(owner, conversation))
		.map(read)
		.filter((one) => one !== null)
		.sort((a, b) => a.message.occurred_at.localeCompare(b.message.occurred_at));
}

/** The conversations in which something is kept. */
export function conversationsOf(owner: Owner): string[] {
	const before = `${PREFIX}${owner}.`;
	return [...new Set(names(before).map((name) => name.slice(before.length).split('.')[0] ?? ''))];
}

/** Forgets everything that a person has not sent. */
export function forgetAll(user: string): void {
	for (const name of names(`${PREFIX}${user}.`)) localStorage.removeItem(name);
}

function names(before: string): string[] {
	try {
		return Object.keys(localStorage).filter((name) => name.startsWith(before));
	} catch {
		return [];
	}
}

function read(name: string): Kept | null {
	try {
		const kept = JSON.parse(localStorage.getItem(name) ?? '') as Partial<Kept> | null;
		if (!kept?.key || !kept.body || !kept.message?.occurred_at) return null;
		return { key: kept.key, body: kept.body, message: kept.message, note: kept.note === true, problem: kept.problem ?? null };
	} catch {
		return null;
	}
}
