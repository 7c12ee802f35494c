// What colleagues see of somebody in a conversation: that they are there, and that they write.
import { api, ok, requestHeaders } from '$lib/api';

const QUIET_AFTER_MS = 4_000;
const REPEAT_MS = 10_000;

/** Says that one is there, again and again, until one leaves. */
export class Typing {
	#id: string;
	#said = false;
	#until: ReturnType<typeof setTimeout> | undefined;
	#repeat: ReturnType<typeof setInterval>;

	constructor(conversation: string) {
		this.#id = conversation;
		void this.#say(false);
		this.#repeat = setInterval(() => !document.hidden && void this.#say(this.#said), REPEAT_MS);
		addEventListener('pagehide', this.#closed);
	}

	/** A key was pressed. */
	typed(): void {
		if (!this.#said) void this.#say(true);
		clearTimeout(this.#until);
		this.#until = setTimeout(() => this.quiet(), QUIET_AFTER_MS);
	}

	/** Nothing is being written any more. */
	quiet(): void {
		clearTimeout(this.#until);
		if (this.#said) void this.#say(false);
	}

	leave(): void {
		removeEventListener('pagehide', this.#closed);
		clearInterval(this.#repeat);
		clearTimeout(this.#until);
		void this.#say(false, true);
	}

	async #say(typing: boolean, gone = false): Promise<void> {
		this.#said = typing;
		try {
			await ok(api.POST('/api/v1/conversations/{id}/presence', { params: { path: { id: this.#id } }, body: gone ? { typing, gone } : { typing } }));
		} catch {
			// Colleagues see it a little later.
		}
	}

	// A tab that is closed destroys nothing, and its requests end with it.
	#closed = () => {
		const headers = { ...requestHeaders('POST'), 'Content-Type': 'application/json' };
		void fetch(`/api/v1/conversations/${this.#id}/presence`, { method: 'POST', keepalive: true, headers, body: '{"typing":false,"gone":true}' });
	};
}
