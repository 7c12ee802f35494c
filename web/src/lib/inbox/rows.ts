// From messages to the rows of a thread: day lines, groups, reactions gathered on their message, edits and deletions
// applied, quotes resolved. Pure.
import type { Message } from '$lib/api';
import { object, text, type Json } from '$lib/data/json';
import type { LocalMessage } from './outgoing';

export { list, object, text } from '$lib/data/json';

export interface Reaction {
	emoji: string;
	mine: boolean;
}

export type Row =
	| { kind: 'day'; key: string; at: string }
	| { kind: 'unread'; key: string; count: number }
	| { kind: 'activity'; key: string; message: Message }
	| { kind: 'note'; key: string; message: Message }
	| {
			kind: 'message';
			key: string;
			message: Message;
			/** The content after edits. */
			content: Record<string, unknown>;
			type: string;
			edited: boolean;
			deleted: boolean;
			reactions: Reaction[];
			quote: Quote | null;
			/** First and last of a run by the same author. */
			first: boolean;
			last: boolean;
			local: LocalMessage | null;
	  };
export type MessageRow = Extract<Row, { kind: 'message' }>;

export interface Quote {
	wamid: string;
	/** Null while it is not among the loaded messages. */
	message: Message | null;
}

/** Messages further apart than this stand in groups of their own. */
const RUN_MS = 5 * 60_000;

/** The calendar day of a time, where the person is. */
function dayOf(at: string): string {
	const time = new Date(at);
	return `${time.getFullYear()}-${time.getMonth() + 1}-${time.getDate()}`;
}

/** Who a message is from, for grouping. */
function author(message: Message): string {
	return message.direction === 'inbound' ? 'them' : (message.author?.user_id ?? message.origin);
}

export interface RowInput {
	/** Oldest first, without what is still local. */
	messages: readonly Message[];
	locals: readonly LocalMessage[];
	/** The key of a row that was local before the server had it, so that it stays the same row. */
	keyOf: (id: string) => string;
	/** Quoted messages that were fetched by themselves. */
	quoted: ReadonlyMap<string, Message | null>;
	/** The first message that was unread when the thread was opened, and how many there were. */
	unread: { from: string; count: number } | null;
}

export function buildRows({ messages, locals, keyOf, quoted, unread }: RowInput): Row[] {
	const byWamid = new Map<string, Message>();
	const wamids = new Map<string, string>();
	for (const message of messages) {
		if (!message.wamid) continue;
		byWamid.set(message.wamid, message);
		wamids.set(message.id, message.wamid);
	}
	// What we send may name a message by our id.
	const wamidOf = (id: string): string => wamids.get(id) ?? id;

	// What speaks about another message is applied to it; later ones win.
	const reactions = new Map<string, Map<string, string>>();
	const edits = new Map<string, Json>();
	const deleted = new Set<string>();
	for (const message of [...messages, ...locals.filter((local) => local.state !== 'failed').map((local) => local.message)]) {
		if (message.type === 'reaction') {
			const reaction = object(message.content.reaction);
			const target = wamidOf(text(reaction.message_id));
			const from = reactions.get(target) ?? new Map<string, string>();
			const emoji = text(reaction.emoji);
			if (emoji) from.set(message.direction, emoji);
			else from.delete(message.direction);
			reactions.set(target, from);
		} else if (message.type === 'edit') {
			const edit = object(message.content.edit);
			edits.set(text(edit.original_message_id), object(edit.message));
		} else if (message.type === 'revoke') {
			deleted.add(text(object(message.content.revoke).original_message_id));
		}
	}
	const target = (message: Message): string =>
		wamidOf(text(object(message.content[message.type])[message.type === 'reaction' ? 'message_id' : 'original_message_id']));
	const absorbed = (message: Message) => ['reaction', 'edit', 'revoke'].includes(message.type) && byWamid.has(target(message));

	const rows: Row[] = [];
	let day = '';
	let previous: MessageRow | null = null;

	const startDay = (at: string) => {
		const today = dayOf(at);
		if (today === day) return;
		day = today;
		previous = null;
		rows.push({ kind: 'day', key: `day-${today}`, at });
	};
	const add = (message: Message, key: string, local: LocalMessage | null) => {
		startDay(message.occurred_at);
		const edit = message.wamid ? edits.get(message.wamid) : undefined;
		const near = previous !== null && author(previous.message) === author(message) && Date.parse(message.occurred_at) - Date.parse(previous.message.occurred_at) < RUN_MS;
		if (near && previous) previous.last = false;
		const wamid = message.reply_to ?? '';
		const row: MessageRow = {
			kind: 'message',
			key,
			message,
			content: edit ? { ...message.content, ...edit } : message.content,
			type: edit ? text(edit.type) || message.type : message.type,
			edited: edit !== undefined,
			deleted: message.wamid ? deleted.has(message.wamid) : false,
			reactions: message.wamid ? [...(reactions.get(message.wamid) ?? [])].map(([from, emoji]) => ({ emoji, mine: from !== 'inbound' })) : [],
			quote: wamid ? { wamid, message: byWamid.get(wamid) ?? quoted.get(wamid) ?? null } : null,
			first: !near,
			last: true,
			local
		};
		rows.push(row);
		previous = row;
	};

	for (const message of messages) {
		if (absorbed(message)) continue;
		if (unread && message.id === unread.from) {
			startDay(message.occurred_at);
			rows.push({ kind: 'unread', key: 'unread', count: unread.count });
			previous = null;
		}
		if (message.direction === 'internal') {
			startDay(message.occurred_at);
			rows.push({ kind: message.type === 'note' ? 'note' : 'activity', key: keyOf(message.id), message });
			previous = null;
		} else add(message, keyOf(message.id), null);
	}
	for (const local of locals) {
		if (local.note) {
			startDay(local.message.occurred_at);
			rows.push({ kind: 'note', key: local.key, message: local.message });
			previous = null;
		} else if (local.message.type !== 'reaction' || local.state === 'failed') add(local.message, local.key, local);
	}
	return rows;
}

/** Puts messages into a list that is sorted by id (which is the order of their making); those there already are replaced. */
export function merge(present: readonly Message[], incoming: readonly Message[]): Message[] {
	const byId = new Map(present.map((message) => [message.id, message]));
	for (const message of incoming) {
		const old = byId.get(message.id);
		byId.set(message.id, old ? keepFurther(old, message) : message);
	}
	return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

const order: Message['status'][] = ['queued', 'held', 'sending', 'uncertain', 'cancelled', 'expired', 'accepted', 'sent', 'failed', 'delivered', 'read', 'played'];

/** A status never runs backwards: an answer that was under way while an event came does not undo it. */
export function further(one: string, other: string): string {
	return order.indexOf(other) >= order.indexOf(one) ? other : one;
}

function keepFurther(old: Message, fresh: Message): Message {
	// `uncertain` may be settled to "send again", which is queued once more; the server's word counts there.
	// What is held may be let go again, too.
	if (old.status === 'uncertain' || old.status === 'held' || old.status === 'sending') return fresh;
	return { ...fresh, status: further(old.status, fresh.status) };
}
