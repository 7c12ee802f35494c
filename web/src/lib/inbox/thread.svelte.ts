// One conversation's messages: pages from the server, what is on its way, and what events change.
import { api, asProblem, ok, throwProblem, requestHeaders, type ApiError, type Media, type Message, type NewMessage } from '$lib/api';
import { i18n, t } from '$lib/i18n';
import { backOff } from '$lib/live/sse';
import { session } from '$lib/session.svelte';
import { inbox } from './inbox.svelte';
import { forget, isKept, keep, keptOf, TOO_OLD_MS, type Owner } from './outbox';
import { inLine, localMessage, reconcile, update, withMedia, type LocalMessage } from './outgoing';
import { whyRefused } from './refused';
import { buildRows, further, merge, object, text, type Row } from './rows';

const PAGE = 60;
/** How long the typing bubble stays on a phone. */
const BUBBLE_MS = 25_000;
/** A send that has no answer by then is asked again, under its key. */
const ANSWER_MS = 30_000;
/** Whatever shows that the server is there again cuts a wait short, so often at most. */
const HURRY_MS = 1_000;

export interface Outgoing {
	type: string;
	/** Meta's object of that type. */
	content: unknown;
	reply_to?: Message | null;
	file?: File;
}

/** The server could not be asked, or asks to be asked later; whoever was signed out signs in again first. */
const unasked = ({ code, status }: ApiError): boolean => code === 'offline' || [401, 429, 502, 503, 504].includes(status);

export class Thread {
	readonly id: string;
	messages = $state.raw<Message[]>([]);
	locals = $state.raw<LocalMessage[]>([]);
	loaded = $state(false);
	loadingOlder = $state(false);
	error = $state.raw<unknown>(null);
	/** The cursor of the next older page; null at the beginning of the conversation. */
	older = $state.raw<string | null>(null);
	/** There are newer ones that are not loaded: it was opened at a message further up. */
	newer = $state(false);
	loadingNewer = $state(false);
	/** Where the unread ones began when it was opened. */
	unread = $state.raw<{ from: string; count: number } | null>(null);
	/** The last message by a colleague that came while it was open. */
	answered = $state.raw<Message | null>(null);
	stale = false;

	#keys = new Map<string, string>();
	#quoted = $state.raw<ReadonlyMap<string, Message | null>>(new Map());
	#refreshing: ReturnType<typeof setTimeout> | null = null;
	#loading: Promise<void> | null = null;
	#posting: { same: string; key: string } | null = null;
	#bubbleUntil = 0;
	#seen = '';
	/** What is written is posted one after the other: its order is that of the writing. */
	#working: Promise<void> | null = null;
	#tries = 0;
	#triedAt = 0;
	#again: ReturnType<typeof setTimeout> | null = null;

	/** The rows to show. The page that shows them keeps them as long as nothing changes; a thread outlives its page. */
	rows(): Row[] {
		return buildRows({ messages: this.messages, locals: this.locals, keyOf: (id) => this.#keys.get(id) ?? id, quoted: this.#quoted, unread: this.unread });
	}

	constructor(id: string) {
		this.id = id;
		if (!session.ready) return;
		this.locals = keptOf(this.#owner, id).map((one) => {
			const old = Date.now() - Date.parse(one.message.occurred_at) > TOO_OLD_MS;
			const problem = one.problem ?? (old ? t('thread.left_behind') : null);
			return { ...one, problem, state: problem ? 'failed' : 'waiting', id: null, kept: true };
		});
		if (this.locals.some(inLine)) this.#work();
	}

	get #owner(): Owner {
		return `${session.user.id}.${session.tenant?.id ?? ''}`;
	}

	/** Something would be lost with this page. */
	get losing(): boolean {
		return this.locals.some((local) => local.state !== 'accepted' && !local.kept);
	}

	/** The newest page; asked once, and again when something was missed. */
	load(): Promise<void> {
		if (this.loaded && !this.stale) return Promise.resolve();
		this.#loading ??= this.#newest().finally(() => (this.#loading = null));
		return this.#loading;
	}

	async #newest(): Promise<void> {
		// What comes now comes after what is not loaded.
		if (this.newer) return;
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

	/** Loads what stands around a message; false when there is no such message here. */
	async around(id: string): Promise<boolean> {
		if (this.loaded && this.messages.some((message) => message.id === id)) return true;
		await this.#loading;
		try {
			const [message, older, newer] = await Promise.all([
				ok(api.GET('/api/v1/messages/{id}', { params: { path: { id } } })),
				ok(api.GET('/api/v1/messages', { params: { query: { conversation_id: this.id, internal: true, limit: 40, cursor: id } } })),
				ok(api.GET('/api/v1/messages', { params: { query: { conversation_id: this.id, internal: true, limit: 40, after: id } } }))
			]);
			if (message.conversation_id !== this.id) return false;
			this.older = older.next ?? null;
			this.newer = Boolean(newer.next);
			this.stale = false;
			this.#take([...newer.data, message, ...older.data], true);
			this.error = null;
			this.loaded = true;
			return true;
		} catch {
			return false;
		}
	}

	/** The page after the newest one that is here, when that is not the newest of all. */
	async loadNewer(): Promise<void> {
		const last = this.messages[this.messages.length - 1];
		if (!this.newer || this.loadingNewer || !last) return;
		this.loadingNewer = true;
		try {
			const page = await ok(api.GET('/api/v1/messages', { params: { query: { conversation_id: this.id, internal: true, limit: 100, after: last.id } } }));
			this.newer = Boolean(page.next);
			this.#take(page.data);
		} catch {
			// Scrolling down asks again.
		} finally {
			this.loadingNewer = false;
		}
	}

	/** Leaves the place further up for the newest messages. */
	async toNewest(): Promise<void> {
		if (!this.newer) return;
		this.newer = false;
		this.loaded = false;
		await this.load();
	}

	/** Where it stands in this conversation, newest first. */
	async find(q: string, cursor?: string): Promise<{ data: Message[]; next?: string | null }> {
		return ok(api.GET('/api/v1/messages', { params: { query: { conversation_id: this.id, internal: true, q, limit: 50, ...(cursor ? { cursor } : {}) } } }));
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
		if (known && status && !['failed', 'uncertain', 'held', 'expired', 'cancelled'].includes(status)) {
			const next = ['uncertain', 'held', 'sending'].includes(known.status) ? status : further(known.status, status);
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
			// It stands below what is not loaded, and comes with its page.
			if (isNew && this.newer) return;
			const mine = this.locals.some((local) => local.id === id) || message.author?.user_id === session.user.id;
			this.#take([message]);
			if (isNew && message.author) inbox.presence.sent(this.id, message.author.user_id);
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

	/** Shows a message at once and sends it when those before it were answered. */
	async send({ type, content, reply_to, file }: Outgoing): Promise<void> {
		const conversation = await inbox.ensure(this.id);
		const key = crypto.randomUUID();
		const body: Record<string, unknown> = { to: this.id, type, [type]: content };
		const reply = reply_to?.id ?? '';
		if (reply) body.reply_to = reply;
		const message = localMessage(key, conversation, type, { type, [type]: content }, new Date());
		message.reply_to = reply_to?.wamid ?? null;
		const local: LocalMessage = { key, body, message, state: file ? 'uploading' : 'sending', id: null, problem: null, note: false };
		if (file) {
			local.file = file;
			local.preview = URL.createObjectURL(file);
		}
		this.#bubbleUntil = 0;
		this.#add(local);
	}

	#add(local: LocalMessage): void {
		local.message.author = { user_id: session.user.id, name: session.user.name };
		if (!local.file && local.message.type !== 'reaction') local.kept = keep(this.#owner, this.id, local);
		this.locals = [...this.locals, local];
		this.#work();
	}

	/** Sends what came from a form, and throws what the server refuses, for the place beside the field. */
	async post({ type, content, reply_to }: Outgoing): Promise<void> {
		await inbox.ensure(this.id);
		const reply = reply_to?.id ? { reply_to: reply_to.id } : {};
		const body = { to: this.id, type, [type]: content, ...reply };
		// One key for one message: pressing twice, or again after a lost answer, sends once.
		const same = JSON.stringify(body);
		if (this.#posting?.same !== same) this.#posting = { same, key: crypto.randomUUID() };
		await this.#working;
		const answer = await ok(api.POST('/api/v1/messages', { params: { header: { 'Idempotency-Key': this.#posting.key } }, body: body as unknown as NewMessage }));
		this.#posting = null;
		this.#bubbleUntil = 0;
		await this.fetch(answer.id);
	}

	/** Shows on the person's phone that an answer is being typed; the bubble stays 25 s, so it is asked for no more often. */
	async typing(): Promise<void> {
		if (Date.now() < this.#bubbleUntil) return;
		this.#bubbleUntil = Date.now() + BUBBLE_MS;
		await this.#tell(true);
	}

	/** Shows on the person's phone that all they wrote has been read, once for each message. */
	async seen(): Promise<void> {
		const last = this.#lastInbound();
		if (!last || last.id === this.#seen) return;
		this.#seen = last.id;
		await this.#tell(false);
	}

	#lastInbound(): Message | undefined {
		return this.messages.findLast((message) => message.direction === 'inbound' && message.wamid);
	}

	async #tell(typing: boolean): Promise<void> {
		const last = this.#lastInbound();
		if (!last) return;
		try {
			await ok(api.POST('/api/v1/messages/{id}/read', { params: { path: { id: last.id } }, body: { typing } }));
			this.#seen = last.id;
		} catch {
			// The phone does not show it; nothing else depends on it.
		}
	}

	/** A note for colleagues. */
	async note(body: string): Promise<void> {
		const conversation = await inbox.ensure(this.id);
		const key = crypto.randomUUID();
		const message = localMessage(key, conversation, 'note', {}, new Date());
		message.direction = 'internal';
		message.text = body;
		this.#add({ key, body: { text: body }, message, state: 'sending', id: null, problem: null, note: true });
	}

	/** Once more what failed here, under the same key: if the first try arrived after all, nothing is sent twice. */
	retry(key: string): void {
		const local = this.locals.find((one) => one.key === key);
		if (local?.state === 'failed') {
			const again: LocalMessage = { ...local, state: local.file && !this.#uploaded(local) ? 'uploading' : 'sending', problem: null };
			if (again.kept) keep(this.#owner, this.id, again);
			this.locals = update(this.locals, key, again);
		}
		this.#work();
	}

	/** The server may be there again: what waits for it need not wait longer. */
	resume(): void {
		if (this.#again && Date.now() - this.#triedAt >= HURRY_MS) this.#work();
	}

	/** Forgets what failed here. */
	discard(key: string): void {
		const local = this.locals.find((one) => one.key === key);
		if (local?.preview) URL.revokeObjectURL(local.preview);
		this.locals = this.locals.filter((one) => one.key !== key);
		forget(this.#owner, this.id, key);
	}

	#uploaded(local: LocalMessage): boolean {
		const type = text(local.body.type);
		return text(object(local.body[type]).id) !== '';
	}

	#work(): void {
		if (this.#again) clearTimeout(this.#again);
		this.#again = null;
		this.#working ??= this.#all().finally(() => {
			this.#working = null;
			// Something came in the moment between the last one and here.
			if (!this.#again && this.locals.some(inLine)) this.#work();
		});
	}

	async #all(): Promise<void> {
		for (;;) {
			const next = this.locals.find(inLine);
			if (!next) break;
			this.#triedAt = Date.now();
			if (!(await this.#deliver(next))) {
				this.locals = this.locals.map((local) => (inLine(local) ? { ...local, state: 'waiting' } : local));
				this.#again = setTimeout(() => this.#work(), backOff(this.#tries, Math.random()));
				this.#tries += 1;
				return;
			}
			this.#tries = 0;
		}
	}

	/** False when the server could not be asked: this one and those after it keep their turn. */
	async #deliver(local: LocalMessage): Promise<boolean> {
		if (local.kept && !isKept(this.#owner, this.id, local.key)) {
			// Sent or discarded in another tab.
			this.locals = this.locals.filter((one) => one.key !== local.key);
			this.refresh();
			return true;
		}
		try {
			let body = local.body;
			if (local.file && !this.#uploaded(local)) {
				body = withMedia(body, await upload(local.file));
				const type = text(body.type);
				const message = { ...local.message, type, content: { type, [type]: body[type] } };
				// Discarded meanwhile.
				if (!this.locals.some((one) => one.key === local.key)) return true;
				const kept = keep(this.#owner, this.id, { ...local, body, message });
				this.locals = update(this.locals, local.key, { body, message, state: 'sending', kept });
			}
			const signal = AbortSignal.timeout(ANSWER_MS);
			if (local.note) {
				const note = await ok(api.POST('/api/v1/conversations/{id}/notes', { params: { path: { id: this.id }, header: { 'Idempotency-Key': local.key } }, body: { text: text(body.text) }, signal }));
				this.#accepted(local.key, note.id);
				this.#take([note]);
				return true;
			}
			const answer = await ok(api.POST('/api/v1/messages', { params: { header: { 'Idempotency-Key': local.key } }, body: body as unknown as NewMessage, signal }));
			this.#accepted(local.key, answer.id);
			if (!this.messages.some((message) => message.id === answer.id)) void this.fetch(answer.id);
			else this.locals = reconcile(this.locals, this.messages);
		} catch (error) {
			const problem = asProblem(error);
			if (unasked(problem)) return false;
			this.locals = update(this.locals, local.key, { state: 'failed', problem: whyRefused(problem) });
			const failed = this.locals.find((one) => one.key === local.key);
			if (failed?.kept) keep(this.#owner, this.id, failed);
		}
		return true;
	}

	#accepted(key: string, id: string): void {
		forget(this.#owner, this.id, key);
		this.#keys.set(id, key);
		this.locals = update(this.locals, key, { id, state: 'accepted' });
	}

	/** Takes a message back that has not left. */
	async cancel(id: string): Promise<void> {
		this.#replace(await ok(api.POST('/api/v1/messages/{id}/cancel', { params: { path: { id } } })));
	}

	/** Settles a message whose outcome is unknown. */
	async settle(id: string, decision: 'send_again' | 'mark_sent' | 'give_up'): Promise<void> {
		await ok(api.POST('/api/v1/messages/{id}/settle', { params: { path: { id } }, body: { decision } }));
		const message = await ok(api.GET('/api/v1/messages/{id}', { params: { path: { id } } }));
		this.#replace(message);
	}

	/** Sends what failed once more, as a new message that knows the old one. */
	async sendAgain(id: string): Promise<void> {
		const fresh = await ok(api.POST('/api/v1/messages/{id}/retry', { params: { path: { id } } }));
		// It stands below what is not loaded, and comes with its page.
		if (!this.newer) this.#take([fresh]);
		const old = this.messages.find((message) => message.id === id);
		if (old) this.#replace({ ...old, retried_as: fresh.id });
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
