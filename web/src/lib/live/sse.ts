// Reading server-sent events from a fetch: the parser of the format, pure and in pieces as the network brings them.

export interface ServerEvent {
	id: string;
	event: string;
	data: string;
}

/** Feed it text as it comes; it gives the events that are complete. */
export class SseParser {
	#rest = '';
	#data: string[] = [];
	#event = '';
	/** The last id seen; it stays for events that have none of their own. */
	lastId = '';

	push(text: string): ServerEvent[] {
		const events: ServerEvent[] = [];
		this.#rest += text;
		for (;;) {
			const end = /\r\n|\n|\r/.exec(this.#rest);
			if (!end) break;
			// A carriage return at the very end may be half of a line's end.
			if (end[0] === '\r' && end.index === this.#rest.length - 1) break;
			const line = this.#rest.slice(0, end.index);
			this.#rest = this.#rest.slice(end.index + end[0].length);
			const event = this.#line(line);
			if (event) events.push(event);
		}
		return events;
	}

	#line(line: string): ServerEvent | null {
		if (line === '') {
			const event = this.#data.length > 0 ? { id: this.lastId, event: this.#event || 'message', data: this.#data.join('\n') } : null;
			this.#data = [];
			this.#event = '';
			return event;
		}
		if (line.startsWith(':')) return null;
		const colon = line.indexOf(':');
		const field = colon === -1 ? line : line.slice(0, colon);
		const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
		if (field === 'data') this.#data.push(value);
		else if (field === 'event') this.#event = value;
		else if (field === 'id' && !value.includes('\0')) this.lastId = value;
		return null;
	}
}

/** Milliseconds before the next try: doubling from half a second to 20 s, spread so that tabs do not come at once. */
export function backOff(attempt: number, random: number): number {
	const most = Math.min(20_000, 500 * 2 ** Math.min(attempt, 10));
	return Math.round(most / 2 + (most / 2) * random);
}
