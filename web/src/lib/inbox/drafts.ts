// What is half written, per conversation, for as long as the tab lives: changing the page or losing the connection loses nothing.

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
