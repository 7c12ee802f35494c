// One stream of events a tab. A connection that breaks is taken up again after the last event seen, so nothing is lost.
import { onAnswer, requestHeaders, toSignIn } from '$lib/api';
import { backOff, SseParser } from './sse';

export type LiveData = Record<string, unknown>;
type Listener = (data: LiveData, event: string) => void;

/** The server says something at least every 8 s; silence for longer is a dead connection. */
const SILENCE_MS = 18_000;
/** A connection that stood this long was one: the waits begin anew when it breaks. */
const STOOD_MS = 5_000;
/** An answer of the API shows that the server is there; so often at most it cuts a wait short. */
const HURRY_MS = 5_000;
/** Refused by what we may see: asking soon again changes nothing. */
const REFUSED_MS = 30_000;

export class LiveStream {
	/** `lost` only after a first connection stood, several tries failed, or it was refused: a short start is not worth a bar. */
	state = $state<'connecting' | 'open' | 'lost' | 'stopped'>('connecting');
	#url: () => string;
	#listeners = new Map<string, Set<Listener>>();
	#lastId = '';
	#attempt = 0;
	#refused = false;
	#triedAt = 0;
	#wake: (() => void) | null = null;
	/** Ends the connection that stands. */
	#drop: (() => void) | null = null;

	constructor(url: () => string) {
		this.#url = url;
	}

	/** Listens to one event, or to all with `*`. `resync` and `refused` are ours: it could not be resumed, so fetch afresh; we may not read it. */
	on(event: string, listener: Listener): () => void {
		const set = this.#listeners.get(event) ?? new Set();
		this.#listeners.set(event, set.add(listener));
		return () => set.delete(listener);
	}

	/** Connects and stays connected, from an event on where one is named. Gives back how to end it. */
	start(after = ''): () => void {
		this.#lastId ||= after;
		const stop = new AbortController();
		void this.#run(stop.signal);
		const hurry = () => this.retry();
		// The browser knows it at once; the connection itself would only fall silent.
		const away = () => {
			if (this.state !== 'stopped') this.state = 'lost';
			this.#drop?.();
		};
		addEventListener('online', hurry);
		addEventListener('offline', away);
		const off = onAnswer(() => {
			if (this.state === 'lost' && !this.#refused && Date.now() - this.#triedAt >= HURRY_MS) this.#wake?.();
		});
		return () => {
			removeEventListener('online', hurry);
			removeEventListener('offline', away);
			off();
			stop.abort();
			this.#wake?.();
			this.state = 'stopped';
		};
	}

	/** Tries at once instead of waiting: a person wants it, or the network is back. */
	retry(): void {
		this.#attempt = 0;
		this.#wake?.();
	}

	async #run(stop: AbortSignal): Promise<void> {
		while (!stop.aborted) {
			try {
				await this.#connect(stop);
			} catch {
				// Whatever broke it: the next try tells.
			}
			if (stop.aborted) return;
			if (this.state === 'open' || this.#attempt > 1 || this.#refused) this.state = 'lost';
			const wait = this.#refused ? REFUSED_MS : backOff(this.#attempt, Math.random());
			this.#attempt += 1;
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, wait);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
			this.#wake = null;
		}
	}

	async #connect(stop: AbortSignal): Promise<void> {
		this.#refused = false;
		this.#triedAt = Date.now();
		let opened = 0;
		const silence = new AbortController();
		this.#drop = () => silence.abort();
		let timer = setTimeout(() => silence.abort(), SILENCE_MS);
		const headers: Record<string, string> = { ...requestHeaders(), Accept: 'text/event-stream' };
		if (this.#lastId) headers['Last-Event-ID'] = this.#lastId;
		try {
			const response = await fetch(this.#url(), { headers, signal: AbortSignal.any([stop, silence.signal]), cache: 'no-store' });
			if (response.status === 401) {
				toSignIn();
				return;
			}
			if (!response.ok || !response.body) {
				if (response.status >= 400 && response.status < 500) this.#lastId = '';
				this.#refused = response.status === 403 || response.status === 404;
				if (this.#refused) this.#tell('refused', {});
				throw new Error(`The stream was answered with ${response.status}.`);
			}
			// Without an id to resume from, whatever happened until now is unknown.
			const resync = this.#lastId === '';
			this.state = 'open';
			opened = Date.now();
			if (resync) this.#tell('resync', {});
			const parser = new SseParser();
			const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
			for (;;) {
				const { done, value } = await reader.read();
				if (done) return;
				clearTimeout(timer);
				timer = setTimeout(() => silence.abort(), SILENCE_MS);
				for (const event of parser.push(value)) {
					if (event.id) this.#lastId = event.id;
					this.#tell(event.event, parse(event.data));
				}
			}
		} finally {
			clearTimeout(timer);
			this.#drop = null;
			if (opened && Date.now() - opened >= STOOD_MS) this.#attempt = 0;
		}
	}

	#tell(event: string, data: LiveData): void {
		for (const listener of this.#listeners.get(event) ?? []) listener(data, event);
		for (const listener of this.#listeners.get('*') ?? []) listener(data, event);
	}
}

function parse(text: string): LiveData {
	try {
		const value: unknown = JSON.parse(text);
		return value && typeof value === 'object' ? (value as LiveData) : {};
	} catch {
		return {};
	}
}
