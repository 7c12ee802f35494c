// What is half written, per conversation, for as long as the tab lives: changing the page or losing the connection loses nothing.
import type { SpecialKind } from './special';

const key = (conversation: string, mode: string) => `trunkline.draft.${mode}.${conversation}`;

export function readDraft(conversation: string, mode: 'reply' | 'note'): string {
	try {
		return sessionStorage.getItem(key(conversation, mode)) ?? '';
	} catch {
		return '';
	}
}

export function writeDraft(conversation: string, mode: 'reply' | 'note', text: string): void {
	try {
		if (text) sessionStorage.setItem(key(conversation, mode), text);
		else sessionStorage.removeItem(key(conversation, mode));
	} catch {
		// Storage is off or full: the text stays in the field.
	}
}

/** The forms that hold more than words. */
export type DraftForm = `special.${SpecialKind}` | 'template';

/** What stands in a form of a conversation, as far as it has the parts of `like`. */
export function readForm<T extends object>(conversation: string, form: DraftForm, like: T): T | null {
	try {
		const kept: unknown = JSON.parse(sessionStorage.getItem(key(conversation, form)) ?? 'null');
		if (kept === null || typeof kept !== 'object') return null;
		const same = (Object.keys(like) as (keyof T & string)[]).every((part) => kind(like[part]) === kind((kept as Record<string, unknown>)[part]));
		return same ? (kept as T) : null;
	} catch {
		// Storage is off, or an older version of the page wrote it.
		return null;
	}
}

/** Keeps what stands in a form; nothing is kept of an empty one. */
export function writeForm(conversation: string, form: DraftForm, content: object | null): void {
	try {
		if (content) sessionStorage.setItem(key(conversation, form), JSON.stringify(content));
		else sessionStorage.removeItem(key(conversation, form));
	} catch {
		// Storage is off or full: it stays in the form.
	}
}

const kind = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value);

/** Forgets every draft of the tab. */
export function forgetDrafts(): void {
	try {
		for (const name of Object.keys(sessionStorage)) if (name.startsWith('trunkline.draft.')) sessionStorage.removeItem(name);
	} catch {
		// Storage is off.
	}
}
