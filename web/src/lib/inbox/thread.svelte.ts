// One conversation's messages: pages from the server, what is on its way, and what events change.
import { api, ok, throwProblem, requestHeaders, type Media, type Message, type MessageStatus } from '$lib/api';
import { i18n } from '$lib/i18n';
import { session } from '$lib/session.svelte';
import { explain } from '$lib/ui/explain';
import { inbox } from './inbox.svelte';
import { localMessage, reconcile, update, type LocalMessage } from './outgoing';
import { buildRows, further, merge, object, text, type Row } from './rows';

const PAGE = 60;

export interface Outgoing {
	type: string;
	/** Meta's object of that type. */
	content: unknown;
	reply_to?: Message | null;
	file?: File;
}

export class Thread {
	readonly id: string;
	messages = $state.raw<Message[]>([]);
	locals = $state.raw<LocalMessage[]>([]);
	loaded = $state(false);
	loadingOlder = $state(false);
	error = $state.raw<unknown>(null);
	/** The cursor of the next older page; null at the beginning of the conversation. */
	older = $state.raw<string | null>(null);
	/** Where the unread ones began when it was opened. */
	unread = $state.raw<{ from: string; count: number } | null>(null);
	/** The last message by a colleague that came while it was open. */
	answered = $state.raw<Message | null>(null);
	stale = false;

	#keys = new Map<string, string>();
	#quoted = $state.raw<ReadonlyMap<string, Message | null>>(new Map());
	#refreshing: ReturnType<typeof setTimeout> | null = null;
	#loading: Promise<void> | null = null;

	/** The rows to show. The page that shows them keeps them as long as nothing changes; a thread outlives its page. */
	rows(): Row[] {
		return buildRows({ messages: this.messages, locals: this.locals, keyOf: (id) => this.#keys.get(id) ?? id, quoted: this.#quoted, unread: this.unread });
	}

	constructor(id: string) {
		this.id = id;
	}

	/** The newest page; asked once, and again when something was missed. */
	load(): Promise<void> {
		if (this.loaded && !this.stale) return Promise.resolve();
		this.#loading ??= this.#newest().finally(() => (this.#loading = null));
		return this.#loading;
	}

	async #newest(): Promise<void> {
		this.error = null;
		this.stale = false;
		try {
			const page = await ok(api.GET('/api/v1/messages', { params: { query: { conversation_id: this.id, internal: true, limit: PAGE } } }));
			const known = new Set(this.messages.map((message) => message.id));
			const joins = page.data.length === 0 || page.data.some((message) => known.has(message.id));
			if (!this.loaded || !joins) {
				// The first time, or so much was missed that there would be a hole.
				this.older = page.next ?? null;
				this.#take(page.data, true);
			} else this.#take(page.data);
			this.loaded = true;
		} catch (error) {
			if (!this.loaded) this.error = error;
		}
	}

	/** The page before the oldest one that is here. */
	async loadOlder(): Promise<void> {
		if (!this.older || this.loadingOlder) return;
		this.loadingOlder = true;
		try {
			const page = await ok(api.GET('/api/v1/messages', { params: { query: { conversation_id: this.id, internal: true, limit: 100, cursor: this.older } } }));
			this.older = page.data.length > 0 ? (page.next ?? null) : null;
			this.#take(page.data);
		} catch {
			// Scrolling up asks again.
		} finally {
			this.loadingOlder = false;
		}
	}

	#take(incoming: readonly Message[], instead = false): void {
		this.messages = merge(instead ? [] : this.messages, incoming);
		this.locals = reconcile(this.locals, this.messages);
	}

	/** Notes where the unread messages begin; kept while the thread is open. */
	markUnread(count: number): void {
		if (count === 0) {
			this.unread = null;
			return;
		}
		const inbound = this.messages.filter((message) => message.direction === 'inbound');
		const first = inbound[Math.max(0, inbound.length - count)];
		this.unread = first ? { from: first.id, count } : null;
	}

	/** Soon asks for the newest page again. */
	refresh(): void {
		if (!this.loaded || this.#refreshing) return;
		this.#refreshing = setTimeout(() => {
			this.#refreshing = null;
			this.stale = true;
			void this.load();
		}, 120);
	}

	/** A message is new or has changed. */
	touch(id: string, status: string): void {
		if (!this.loaded) return;
		const known = this.messages.find((message) => message.id === id);
		if (known && status && status !== 'failed' && status !== 'uncertain') {
			const next = known.status === 'uncertain' ? (status as MessageStatus) : further(known.status, status as MessageStatus);
			this.#replace({ ...known, status: next });
			return;
		}
		// Not one of the loaded ones: a tick of an old message.
		if (!known && status) return;
		void this.fetch(id);
	}

	async fetch(id: string): Promise<void> {
		try {
			const message = await ok(api.GET('/api/v1/messages/{id}', { params: { path: { id } } }));
			const isNew = !this.messages.some((one) => one.id === id);
			const mine = this.locals.some((local) => local.id === id) || message.author?.user_id === session.user.id;
			this.#take([message]);
			if (isNew && !mine && message.direction === 'outbound' && message.author) this.answered = message;
		} catch {
			this.refresh();
		}
	}

	#replace(message: Message): void {
		this.messages = this.messages.map((one) => (one.id === message.id ? message : one));
	}

	/** Fetches a message that is quoted and not loaded. */
	async fetchQuoted(wamid: string): Promise<void> {
		if (this.#quoted.has(wamid)) return;
		this.#quoted = new Map(this.#quoted).set(wamid, null);
		try {
			const page = await ok(api.GET('/api/v1/messages', { params: { query: { wamid, limit: 1 } } }));
			this.#quoted = new Map(this.#quoted).set(wamid, page.data[0] ?? null);
		} catch {
			// It stays a quote without its text.
		}
	}

	/** Shows a message at once and sends it. */
	async send({ type, content, reply_to, file }: Outgoing): Promise<void> {
		const conversation = await inbox.ensure(this.id);
		const key = crypto.randomUUID();
		const body: Record<string, unknown> = { to: this.id, type, [type]: content };
		const reply = reply_to?.id ?? '';
		if (reply) body.reply_to = reply;
		const message = localMessage(key, conversation, type, { type, [type]: content }, new Date());
		message.reply_to = reply_to?.wamid ?? null;
		message.author = { user_id: session.user.id, name: session.user.name };
		const local: LocalMessage = { key, body, message, state: file ? 'uploading' : 'sending', id: null, problem: null, note: false };
		if (file) {
			local.file = file;
			local.preview = URL.createObjectURL(file);
		}
		this.locals = [...this.locals, local];
		await this.#deliver(local);
	}

	/** A note for colleagues. */
	async note(body: string): Promise<void> {
		const conversation = await inbox.ensure(this.id);
		const key = crypto.randomUUID();
		const message = localMessage(key, conversation, 'note', {}, new Date());
		message.direction = 'internal';
		message.text = body;
		message.author = { user_id: session.user.id, name: session.user.name };
		const local: LocalMessage = { key, body: { text: body }, message, state: 'sending', id: null, problem: null, note: true };
		this.locals = [...this.locals, local];
		await this.#deliver(local);
	}

	/** Once more what failed here, under the same key: if the first try arrived after all, nothing is sent twice. */
	async retry(key: string): Promise<void> {
		const local = this.locals.find((one) => one.key === key);
		if (!local || local.state !== 'failed') return;
		const again: LocalMessage = { ...local, state: local.file && !this.#uploaded(local) ? 'uploading' : 'sending', problem: null };
		this.locals = update(this.locals, key, again);
		await this.#deliver(again);
	}

	/** Forgets what failed here. */
	discard(key: string): void {
		const local = this.locals.find((one) => one.key === key);
		if (local?.preview) URL.revokeObjectURL(local.preview);
		this.locals = this.locals.filter((one) => one.key !== key);
	}

	#uploaded(local: LocalMessage): boolean {
		const type = text(local.body.type);
		return text(object(local.body[type]).id) !== '';
	}

	async #deliver(local: LocalMessage): Promise<void> {
		try {
			if (local.file && !this.#uploaded(local)) {
				const media = await upload(local.file);
				const type = text(local.body.type);
				local.body = { ...local.body, [type]: { ...object(local.body[type]), id: media.id } };
				this.locals = update(this.locals, local.key, { body: local.body, state: 'sending' });
			}
			if (local.note) {
				const note = await ok(api.POST('/api/v1/conversations/{id}/notes', { params: { path: { id: this.id } }, body: { text: text(local.body.text) } }));
				this.#keys.set(note.id, local.key);
				this.locals = update(this.locals, local.key, { id: note.id, state: 'accepted' });
				this.#take([note]);
				return;
			}
			const answer = await ok(api.POST('/api/v1/messages', { params: { header: { 'Idempotency-Key': local.key } }, body: local.body }));
			this.#keys.set(answer.id, local.key);
			this.locals = update(this.locals, local.key, { id: answer.id, state: 'accepted' });
			if (!this.messages.some((message) => message.id === answer.id)) await this.fetch(answer.id);
			else this.locals = reconcile(this.locals, this.messages);
		} catch (error) {
			this.locals = update(this.locals, local.key, { state: 'failed', problem: explain(error) });
		}
	}

	/** Settles a message whose outcome is unknown. */
	async settle(id: string, decision: 'send_again' | 'mark_sent' | 'give_up'): Promise<void> {
		await ok(api.POST('/api/v1/messages/{id}/settle', { params: { path: { id } }, body: { decision } }));
		const message = await ok(api.GET('/api/v1/messages/{id}', { params: { path: { id } } }));
		this.#replace(message);
	}
}

/** Uploads a file for sending. */
export async function upload(file: File): Promise<Media> {
	const form = new FormData();
	form.append('file', file, file.name || 'file');
	const response = await fetch('/api/v1/media', { method: 'POST', headers: requestHeaders('POST'), body: form });
	if (!response.ok) await throwProblem(response);
	return (await response.json()) as Media;
}

/** The names of people in the person's language: "Iñaki and Marta". */
export function names(list: string[]): string {
	return new Intl.ListFormat(i18n.language, { type: 'conjunction' }).format(list);
}
