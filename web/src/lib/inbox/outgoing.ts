// Messages that were written here and are not, or not yet, known to the server under their own id. Pure.
import type { Message } from '$lib/api';

export interface LocalMessage {
	/** The Idempotency-Key: the same for every try. */
	key: string;
	/** What is posted. */
	body: Record<string, unknown>;
	/** How it is shown until the server's own is here. */
	message: Message;
	state: 'uploading' | 'sending' | 'failed' | 'accepted';
	/** The server's id, once it has answered. */
	id: string | null;
	/** Why it failed, in words. */
	problem: string | null;
	/** A note for colleagues, not a message. */
	note: boolean;
	/** The file to upload before it is sent. */
	file?: File;
	/** An address of the file for the preview. */
	preview?: string;
}

/** The message as it is shown while it is on its way. */
export function localMessage(key: string, conversation: { id: string; contact: { id: string }; phone_number_id: string }, type: string, content: Record<string, unknown>, at: Date): Message {
	return {
		id: `local_${key}`,
		wamid: null,
		direction: 'outbound',
		origin: 'api',
		type,
		text: null,
		preview: '',
		status: 'queued',
		error: null,
		conversation_id: conversation.id,
		contact_id: conversation.contact.id,
		phone_number_id: conversation.phone_number_id,
		reply_to: null,
		content,
		author: null,
		occurred_at: at.toISOString(),
		created_at: at.toISOString()
	};
}

/** What is still local: without those that the server's list holds by now. */
export function reconcile(locals: readonly LocalMessage[], messages: readonly Message[]): LocalMessage[] {
	if (locals.length === 0) return locals as LocalMessage[];
	const there = new Set(messages.map((message) => message.id));
	return locals.filter((local) => local.id === null || !there.has(local.id));
}

/** Changes one of them. */
export function update(locals: readonly LocalMessage[], key: string, change: Partial<LocalMessage>): LocalMessage[] {
	return locals.map((local) => (local.key === key ? { ...local, ...change } : local));
}
