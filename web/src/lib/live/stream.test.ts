import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { api } from '$lib/api';
import { LiveStream } from './stream.svelte';

const page = () => new Response('{"data":[]}', { headers: { 'Content-Type': 'application/json' } });
let answers: (init?: RequestInit) => Response = page;
let asked = 0;
let stop = () => {};
/** What the stream listens to in the browser. */
const heard = new Map<string, () => void>();

/** A connection on which nothing is said after its beginning. */
function silent(signal: AbortSignal | null | undefined): Response {
	const body = new ReadableStream<Uint8Array>({
		start(to) {
			to.enqueue(new TextEncoder().encode(': hello\n\n'));
			signal?.addEventListener('abort', () => to.error(signal.reason));
		}
	});
	return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
}

beforeEach(() => {
	vi.useFakeTimers();
	asked = 0;
	const fetch = vi.fn(async (input: string | Request, init?: RequestInit) => {
		if (typeof input !== 'string') return page();
		asked += 1;
		return answers(init);
	});
	vi.stubGlobal('fetch', fetch);
	heard.clear();
	vi.stubGlobal('addEventListener', (name: string, listener: () => void) => heard.set(name, listener));
	vi.stubGlobal('removeEventListener', () => {});
});
afterEach(() => {
	stop();
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

/** A page that asks the API four times a second. */
async function work(seconds: number): Promise<void> {
	for (let turn = 0; turn < seconds * 4; turn += 1) {
		await vi.advanceTimersByTimeAsync(250);
		await api.GET('/api/v1/members', { baseUrl: 'http://server.example', fetch });
	}
}

function open(): LiveStream {
	const stream = new LiveStream(() => '/stream');
	stop = stream.start();
	return stream;
}

test('answers of the API do not hammer a stream that is not available', async () => {
	answers = () => new Response('', { status: 503 });
	const stream = open();
	await work(10);
	expect(stream.state).toBe('lost');
	const before = asked;
	await work(60);
	expect(asked - before).toBeLessThanOrEqual(12);
	// But they cut its longer waits short.
	expect(asked - before).toBeGreaterThanOrEqual(10);
});

test.each([403, 404])('a stream that is refused with %i is asked seldom', async (status) => {
	answers = () => new Response('', { status });
	open();
	await work(29);
	expect(asked).toBe(1);
	await work(20);
	expect(asked).toBe(2);
});

test('who wants it at once gets it at once', async () => {
	answers = () => new Response('', { status: 404 });
	const stream = open();
	await vi.advanceTimersByTimeAsync(1000);
	stream.retry();
	await vi.advanceTimersByTimeAsync(1);
	expect(asked).toBe(2);
});

test('a stream that ends as soon as it opens is asked less and less often', async () => {
	answers = () => new Response(': hello\n\n', { headers: { 'Content-Type': 'text/event-stream' } });
	open();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(asked).toBeLessThan(14);
});

test('a browser that is off the network says so at once, and is back at once', async () => {
	answers = (init) => silent(init?.signal);
	const stream = open();
	await vi.advanceTimersByTimeAsync(10);
	expect(stream.state).toBe('open');
	answers = () => {
		throw new TypeError('Failed to fetch');
	};
	heard.get('offline')?.();
	expect(stream.state).toBe('lost');
	await vi.advanceTimersByTimeAsync(100);
	expect(stream.state).toBe('lost');
	answers = (init) => silent(init?.signal);
	heard.get('online')?.();
	await vi.advanceTimersByTimeAsync(10);
	expect(stream.state).toBe('open');
});

test('what happened before it stood is asked for, by the id that is known or by all pages', async () => {
	const ids: (string | null)[] = [];
	answers = (init) => {
		ids.push(new Headers(init?.headers).get('Last-Event-ID'));
		return silent(init?.signal);
	};
	let resyncs = 0;
	const known = new LiveStream(() => '/stream');
	known.on('resync', () => (resyncs += 1));
	stop = known.start('41');
	await vi.advanceTimersByTimeAsync(10);
	expect([ids, resyncs]).toEqual([['41'], 0]);
	stop();
	const unknown = new LiveStream(() => '/stream');
	unknown.on('resync', () => (resyncs += 1));
	stop = unknown.start();
	await vi.advanceTimersByTimeAsync(10);
	expect([ids, resyncs]).toEqual([['41', null], 1]);
});

test('a connection that falls silent is said to be lost within 20 s', async () => {
	answers = (init) => silent(init?.signal);
	const stream = open();
	await vi.advanceTimersByTimeAsync(17_000);
	expect(stream.state).toBe('open');
	answers = () => {
		throw new TypeError('Failed to fetch');
	};
	await vi.advanceTimersByTimeAsync(3_000);
	expect(stream.state).toBe('lost');
});
