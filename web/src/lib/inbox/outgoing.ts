// Messages that were written here and are not, or not yet, known to the server under their own id. Pure.
import type { Media, Message } from '$lib/api';
import { takesCaption, type Kind } from './attach';
import { object, text } from './rows';

export interface LocalMessage {
	/** The Idempotency-Key: the same for every try. */
	key: string;
	/** What is posted. */
	body: Record<string, unknown>;
	/** How it is shown until the server's own is here. */
	message: Message;
	/** `waiting`: the server could not be asked; it goes by itself once it can. */
	state: 'uploading' | 'sending' | 'waiting' | 'failed' | 'accepted';
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
	/** It outlives this page. */
	kept?: boolean;
}

/** It has a turn still, unlike what was answered or refused. */
export const inLine = (local: LocalMessage): boolean => local.state === 'uploading' || local.state === 'sending' || local.state === 'waiting';

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

/** The body with the uploaded file. What the file is, the server has read from its content; our guess was by its name. */
export function withMedia(body: Record<string, unknown>, media: Media): Record<string, unknown> {
	const { [text(body.type)]: content, ...rest } = body;
	const { caption, filename, ...other } = object(content);
	return {
		...rest,
		type: media.kind,
		[media.kind]: {
			...other,
			id: media.id,
			...(caption && takesCaption(media.kind as Kind) ? { caption } : {}),
			...(media.kind === 'document' ? { filename: filename ?? media.filename ?? undefined } : {})
		}
	};
}

/** Changes one of them. */
export function update(locals: readonly LocalMessage[], key: string, change: Partial<LocalMessage>): LocalMessage[] {
	return locals.map((local) => (local.key === key ? { ...local, ...change } : local));
}
