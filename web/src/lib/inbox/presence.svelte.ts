// Who else has a conversation open, and who is typing. What is not repeated fades.
import { SvelteMap } from 'svelte/reactivity';
import type { LiveData } from '$lib/live';

export interface Present {
	user_id: string;
	name: string;
	typing: boolean;
	/** When it was last heard, in ms. */
	at: number;
}

/** Colleagues repeat themselves every 10 s. */
const FADES_MS = 25_000;

export class Presence {
	#by = new SvelteMap<string, Present[]>();

	note(conversation: string, data: LiveData, at = Date.now()): void {
		const others = (this.#by.get(conversation) ?? []).filter((one) => one.user_id !== data.user_id);
		if (!data.gone) others.push({ user_id: String(data.user_id), name: String(data.name ?? ''), typing: data.typing === true, at });
		this.#by.set(conversation, others);
	}

	tidy(at = Date.now()): void {
		for (const [conversation, people] of this.#by) {
			const fresh = people.filter((one) => at - one.at < FADES_MS);
			if (fresh.length !== people.length) this.#by.set(conversation, fresh);
		}
	}

	of(conversation: string): Present[] {
		return this.#by.get(conversation) ?? [];
	}
}
