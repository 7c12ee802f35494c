import { describe, expect, test } from 'vitest';
import type { Message } from '$lib/api';
import { localMessage, reconcile, update, withMedia, type LocalMessage } from './outgoing';
import { buildRows, further, merge, type MessageRow, type Row } from './rows';

let counter = 0;
function message(change: Partial<Message> = {}): Message {
	counter += 1;
	const id = `msg_${String(counter).padStart(4, '0')}`;
	return {
		id,
		wamid: `wamid.${id}`,
		direction: 'inbound',
		origin: 'contact',
		type: 'text',
		text: 'hola',
		preview: 'hola',
		status: 'received',
		conversation_id: 'cnv_1',
		contact_id: 'con_1',
		phone_number_id: '1',
		content: { type: 'text', text: { body: 'hola' } },
		occurred_at: new Date(2026, 10, 21, 9, 0).toISOString(),
		created_at: new Date(2026, 10, 21, 9, 0).toISOString(),
		...change
	};
}
const rowsOf = (messages: Message[], locals: LocalMessage[] = [], unread: { from: string; count: number } | null = null): Row[] =>
	buildRows({ messages, locals, keyOf: (id) => id, quoted: new Map(), unread });
const bubbles = (rows: Row[]): MessageRow[] => rows.filter((row): row is MessageRow => row.kind === 'message');
const at = (hour: number, minute: number, day = 21) => new Date(2026, 10, day, hour, minute).toISOString();

describe('the rows of a thread', () => {
	test('a line stands between two days', () => {
		const rows = rowsOf([message({ occurred_at: at(23, 59, 20) }), message({ occurred_at: at(0, 1) })]);
		expect(rows.map((row) => row.kind)).toEqual(['day', 'message', 'day', 'message']);
	});
	test('messages of one author within five minutes are one run', () => {
		const rows = bubbles(rowsOf([message({ occurred_at: at(9, 0) }), message({ occurred_at: at(9, 3) }), message({ occurred_at: at(9, 20) })]));
		expect(rows.map((row) => [row.first, row.last])).toEqual([[true, false], [false, true], [true, true]]);
	});
	test('two colleagues are two runs', () => {
		const rows = bubbles(rowsOf(['a', 'b'].map((id) => message({ direction: 'outbound', origin: 'api', author: { user_id: id, name: id } }))));
		expect(rows.every((row) => row.first)).toBe(true);
	});
	test('a reaction is gathered on its message, the last one counts, an empty one takes it back', () => {
		const target = message();
		const react = (emoji?: string) => message({ type: 'reaction', content: { reaction: { message_id: target.wamid, emoji } } });
		expect(bubbles(rowsOf([target, react('👍'), react('❤️')]))).toMatchObject([{ reactions: [{ emoji: '❤️', mine: false }] }]);
		expect(bubbles(rowsOf([target, react('👍'), react()]))[0]?.reactions).toEqual([]);
	});
	test('a reaction to something that is not loaded is not lost', () => {
		const rows = bubbles(rowsOf([message({ type: 'reaction', content: { reaction: { message_id: 'wamid.far', emoji: '👍' } } })]));
		expect(rows).toHaveLength(1);
	});
	test('an edit replaces the content, a revocation marks it', () => {
		const first = message();
		const second = message();
		const rows = bubbles(
			rowsOf([
				first,
				second,
				message({ type: 'edit', content: { edit: { original_message_id: first.wamid, message: { type: 'text', text: { body: 'adiós' } } } } }),
				message({ type: 'revoke', content: { revoke: { original_message_id: second.wamid } } })
			])
		);
		expect(rows).toHaveLength(2);
		expect(rows[0]).toMatchObject({ edited: true, content: { text: { body: 'adiós' } } });
		expect(rows[1]?.deleted).toBe(true);
	});
	test('a quote finds its message', () => {
		const first = message();
		const [, second] = bubbles(rowsOf([first, message({ reply_to: first.wamid })]));
		expect(second?.quote?.message?.id).toBe(first.id);
	});
	test('notes and activity stand by themselves and end a run', () => {
		const rows = rowsOf([message(), message({ direction: 'internal', type: 'note' }), message(), message({ direction: 'internal', type: 'activity' })]);
		expect(rows.map((row) => row.kind)).toEqual(['day', 'message', 'note', 'message', 'activity']);
		expect(bubbles(rows)[1]?.first).toBe(true);
	});
	test('the unread line stands before the first unread message', () => {
		const [a, b] = [message(), message()];
		expect(rowsOf([a, b], [], { from: b.id, count: 1 }).map((row) => row.kind)).toEqual(['day', 'message', 'unread', 'message']);
	});
	test('ten thousand messages take no noticeable time', () => {
		const many = Array.from({ length: 10_000 }, () => message());
		const began = performance.now();
		expect(rowsOf(many).length).toBe(10_001);
		expect(performance.now() - began).toBeLessThan(500);
	});
});

describe('merging pages', () => {
	test('sorted by id, without repeats', () => {
		const [a, b, c] = [message(), message(), message()];
		expect(merge([b, c], [a, b]).map((one) => one.id)).toEqual([a.id, b.id, c.id]);
	});
	test('a status does not run backwards', () => {
		const sent = message({ direction: 'outbound', status: 'read' });
		expect(merge([sent], [{ ...sent, status: 'sent' }])[0]?.status).toBe('read');
		expect(further('failed', 'delivered')).toBe('delivered');
	});
	test('what was uncertain may be queued again', () => {
		const sent = message({ direction: 'outbound', status: 'uncertain' });
		expect(merge([sent], [{ ...sent, status: 'queued' }])[0]?.status).toBe('queued');
	});
});

describe('what is on its way', () => {
	const conversation = { id: 'cnv_1', contact: { id: 'con_1' }, phone_number_id: '1' };
	const local = (key: string): LocalMessage => ({
		key,
		body: {},
		message: localMessage(key, conversation, 'text', { text: { body: key } }, new Date(2026, 10, 21, 9, 30)),
		state: 'sending',
		id: null,
		problem: null,
		note: false
	});
	test('it stands below the rest at once', () => {
		const rows = bubbles(rowsOf([message()], [local('k1')]));
		expect(rows[1]).toMatchObject({ key: 'k1', message: { status: 'queued', direction: 'outbound' } });
	});
	test('a reaction of ours stands on its message at once, by our id or the wamid', () => {
		const target = message();
		const reacting = local('k1');
		reacting.message = localMessage('k1', conversation, 'reaction', { reaction: { message_id: target.id, emoji: '🙏' } }, new Date());
		expect(bubbles(rowsOf([target], [reacting]))).toMatchObject([{ reactions: [{ emoji: '🙏', mine: true }] }]);
	});
	test('it goes when the server has it, and only then', () => {
		const server = message({ direction: 'outbound' });
		const waiting = update([local('k1'), local('k2')], 'k1', { id: server.id, state: 'accepted' });
		expect(reconcile(waiting, []).map((one) => one.key)).toEqual(['k1', 'k2']);
		expect(reconcile(waiting, [server]).map((one) => one.key)).toEqual(['k2']);
	});
	test('a file is sent as what it is, not as what it was called', () => {
		const media = { id: '7', mime_type: 'image/jpeg', filename: 'a.pdf', bytes: 1, converted: false };
		const body = { to: 'cnv_1', type: 'document', document: { caption: 'hola', filename: 'a.pdf' } };
		expect(withMedia(body, { ...media, kind: 'image' })).toEqual({ to: 'cnv_1', type: 'image', image: { id: '7', caption: 'hola' } });
		expect(withMedia(body, { ...media, kind: 'document' })).toEqual({ to: 'cnv_1', type: 'document', document: { id: '7', caption: 'hola', filename: 'a.pdf' } });
	});
	test('the row keeps its key when the server takes over', () => {
		const server = message({ direction: 'outbound' });
		const rows = buildRows({ messages: [server], locals: [], keyOf: (id) => (id === server.id ? 'k1' : id), quoted: new Map(), unread: null });
		expect(bubbles(rows)[0]?.key).toBe('k1');
	});
});
