// One stream of events a tab. A connection that breaks is taken up again after the last event seen, so nothing is lost.
import { onAnswer, requestHeaders, toSignIn } from '$lib/api';
import { backOff, SseParser } from './sse';

export type LiveData = Record<string, unknown>;
type Listener = (data: LiveData, event: string) => void;

/** The server says something at least every 15 s; silence for longer is a dead connection. */
const SILENCE_MS = 40_000;

export class LiveStream {
	/** `lost` only after a first connection stood, or several tries failed: a short start is not worth a bar. */
	state = $state<'connecting' | 'open' | 'lost' | 'stopped'>('connecting');
	#url: () => string;
	#listeners = new Map<string, Set<Listener>>();
	#lastId = '';
	#attempt = 0;
	#stop: AbortController | null = null;
	#wake: (() => void) | null = null;

	constructor(url: () => string) {
		this.#url = url;
	}

	/** Listens to one event, or to all with `*`. `resync` is ours: the stream could not be resumed, fetch afresh. */
	on(event: string, listener: Listener): () => void {
		const set = this.#listeners.get(event) ?? new Set();
		this.#listeners.set(event, set.add(listener));
		return () => set.delete(listener);
	}

	/** Connects and stays connected. Gives back how to end it. */
	start(): () => void {
		const stop = new AbortController();
		this.#stop = stop;
		void this.#run(stop.signal);
		const hurry = () => this.retry();
		addEventListener('online', hurry);
		const off = onAnswer(() => this.state === 'lost' && hurry());
		return () => {
			removeEventListener('online', hurry);
			off();
			stop.abort();
			this.state = 'stopped';
		};
	}

	/** Tries at once instead of waiting. */
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
			if (this.state === 'open' || this.#attempt > 1) this.state = 'lost';
			const wait = backOff(this.#attempt, Math.random());
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
		const silence = new AbortController();
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
				throw new Error(`The stream was answered with ${response.status}.`);
			}
			// Without an id to resume from, whatever happened while we were away is unknown.
			const resync = this.state === 'lost' && this.#lastId === '';
			this.state = 'open';
			this.#attempt = 0;
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
