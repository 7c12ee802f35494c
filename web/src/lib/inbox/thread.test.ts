import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Conversation, Session } from '$lib/api';
import { session } from '$lib/session.svelte';
import { inbox } from './inbox.svelte';
import { forgetAll } from './outbox';
import { Thread } from './thread.svelte';

// The client takes both when it is made.
const server = vi.hoisted(() => {
	const server = { answer: (_: Request): Promise<Response> => Promise.reject(new TypeError('No server.')) };
	Object.assign(globalThis, { location: { origin: 'http://server.example' }, fetch: (request: Request) => server.answer(request) });
	return server;
});

interface Posted {
	key: string | null;
	body: string;
	answer: (response: Response) => void;
	lose: () => void;
}
let posted: Posted[] = [];
let threads: Thread[] = [];

class Storage {
	[name: string]: unknown;
	getItem(name: string) {
		return Object.hasOwn(this, name) ? this[name] : null;
	}
	setItem(name: string, value: string) {
		this[name] = value;
	}
	removeItem(name: string) {
		delete this[name];
	}
}

const accepted = (id: string) => Response.json({ id, status: 'queued' }, { status: 202 });
const settled = () => vi.advanceTimersByTimeAsync(0);
function thread(): Thread {
	const one = new Thread('cnv_1');
	threads.push(one);
	return one;
}
const say = (one: Thread, body: string) => one.send({ type: 'text', content: { body } });

beforeEach(() => {
	vi.useFakeTimers();
	posted = [];
	threads = [];
	vi.stubGlobal('localStorage', new Storage());
	server.answer = async (request) => {
		if (request.method !== 'POST') return Response.json({ id: new URL(request.url).pathname.split('/').pop(), conversation_id: 'cnv_1', direction: 'outbound', type: 'text', status: 'queued', content: {}, occurred_at: '2026-11-21T10:00:00Z' });
		const body = (await request.clone().json()) as { text: { body: string } };
		return new Promise<Response>((resolve, reject) => {
			posted.push({ key: request.headers.get('Idempotency-Key'), body: body.text.body, answer: resolve, lose: () => reject(new TypeError('Failed to fetch')) });
		});
	};
	session.set({ user: { id: 'usr_1', name: 'Ana' }, csrf: 'x', tenants: [{ id: 'ten_1', conversations: 'all' }], scopes: {}, platform_scopes: [] } as unknown as Session);
	inbox.conversations.set('cnv_1', { id: 'cnv_1', contact: { id: 'con_1' }, phone_number_id: '1' } as Conversation);
});
afterEach(() => {
	for (const one of threads) for (const local of one.locals) one.discard(local.key);
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test('what is written in a row is posted one after the other, and shown at once', async () => {
	const one = thread();
	for (const body of ['one', 'two', 'three']) void say(one, body);
	await settled();
	expect(one.locals.map((local) => local.message.content.text)).toEqual([{ body: 'one' }, { body: 'two' }, { body: 'three' }]);
	expect(posted.map((post) => post.body)).toEqual(['one']);
	posted[0]?.answer(accepted('msg_1'));
	await settled();
	expect(posted.map((post) => post.body)).toEqual(['one', 'two']);
	// What is refused does not stop what comes after it.
	posted[1]?.answer(Response.json({ code: 'invalid', detail: 'No.' }, { status: 422 }));
	await settled();
	expect(posted.map((post) => post.body)).toEqual(['one', 'two', 'three']);
	expect(one.locals.find((local) => local.body.text && (local.body.text as { body: string }).body === 'two')?.state).toBe('failed');
});

test('a lost connection keeps the turn of what was written, and it goes by itself under its key', async () => {
	const one = thread();
	void say(one, 'one');
	void say(one, 'two');
	await settled();
	posted[0]?.lose();
	await settled();
	expect(one.locals.map((local) => local.state)).toEqual(['waiting', 'waiting']);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(posted.map((post) => post.body)).toEqual(['one', 'one']);
	expect(posted[1]?.key).toBe(posted[0]?.key);
	posted[1]?.answer(accepted('msg_1'));
	await settled();
	expect(posted.map((post) => post.body)).toEqual(['one', 'one', 'two']);
});

test('what was not sent is there after a reload and goes out then; once sent it is forgotten', async () => {
	const before = thread();
	void say(before, 'one');
	await settled();
	posted[0]?.lose();
	await settled();
	const after = thread();
	expect(after.locals).toHaveLength(1);
	expect(after.locals[0]).toMatchObject({ state: 'waiting', key: posted[0]?.key });
	await settled();
	posted[1]?.answer(accepted('msg_1'));
	await settled();
	expect(posted[1]?.key).toBe(posted[0]?.key);
	expect(thread().locals).toHaveLength(0);
	// The first page finds that it went out.
	await vi.advanceTimersByTimeAsync(1_000);
	expect(posted).toHaveLength(2);
	expect(before.locals).toHaveLength(0);
});

test('what a person discards is not sent after a reload, and signing out forgets the rest', async () => {
	const one = thread();
	void say(one, 'one');
	void say(one, 'two');
	await settled();
	posted[0]?.lose();
	await settled();
	one.discard(one.locals[0]?.key ?? '');
	expect(thread().locals.map((local) => local.body.text)).toEqual([{ body: 'two' }]);
	forgetAll('usr_1');
	expect(thread().locals).toEqual([]);
});

test('what was written long ago is shown and waits for its writer', async () => {
	const one = thread();
	void say(one, 'one');
	await settled();
	posted[0]?.lose();
	await settled();
	one.discard('');
	vi.setSystemTime(Date.now() + 25 * 3_600_000);
	const later = thread();
	await settled();
	expect(later.locals[0]?.state).toBe('failed');
	expect(posted).toHaveLength(1);
});
