// The inbox's store: conversations by id, the list that is shown, counts, and what the whole inbox needs once. Events
// patch it; the lists are asked afresh only when the stream could not be resumed.
import { SvelteMap } from 'svelte/reactivity';
import { api, asProblem, ok, onAnswer, type Conversation, type Counts, type Member, type QuickReply, type Template } from '$lib/api';
import { phone } from '$lib/format';
import { tenantStream, type LiveData } from '$lib/live';
import { session } from '$lib/session.svelte';
import { title } from '$lib/shell/title.svelte';
import { belongs, place, sortKey, viewsFor, type Filter } from './listing';
import { Presence } from './presence.svelte';
import { Thread } from './thread.svelte';

const PAGE = 60;
/** Threads that stay in memory, so that going back to one is immediate. */
const KEPT_THREADS = 8;
const VIEW = 'trunkline.inbox.view';

class Inbox {
	readonly conversations = new SvelteMap<string, Conversation>();
	readonly presence = new Presence();
	/** Of a search: the message of each conversation in which it stands. */
	readonly matches = new SvelteMap<string, NonNullable<Conversation['match']>>();
	filter = $state.raw<Filter>({ view: remembered(), status: 'open', unread: false, q: '' });
	ids = $state.raw<string[]>([]);
	next = $state.raw<string | null>(null);
	loading = $state(false);
	loadingMore = $state(false);
	error = $state.raw<unknown>(null);
	counts = $state.raw<Counts | null>(null);
	/** The conversation that is open. */
	openId = $state('');
	members = $state.raw<Member[]>([]);
	quickReplies = $state.raw<QuickReply[]>([]);
	templates = $state.raw<Template[] | null>(null);
	templatesError = $state.raw<unknown>(null);

	/** The conversation that was open when it went out of this person's sight; `given` where they gave it away themselves. */
	lost = $state.raw<{ conversation: Conversation; given: boolean } | null>(null);

	#given = '';
	#threads = new Map<string, Thread>();
	#asked = 0;
	#touched = new Set<string>();
	#timers = new Map<string, ReturnType<typeof setTimeout>>();
	#templatesAsked: Promise<void> | null = null;

	/** Begins to listen; gives back how to end it. */
	start(): () => void {
		this.#keepToViews();
		void this.reload();
		void this.loadCounts();
		this.#quietly(ok(api.GET('/api/v1/members')).then((page) => (this.members = page.data)));
		this.#quietly(this.loadQuickReplies());
		const off = [
			tenantStream.on('*', (data, event) => this.#onEvent(data, event)),
			tenantStream.on('resync', () => this.resync()),
			tenantStream.on('conversation.hidden', (data) => this.drop(String(data.conversation_id))),
			tenantStream.on('quick_reply.updated', () => this.#quietly(this.loadQuickReplies()))
		];
		const tidy = setInterval(() => this.presence.tidy(), 3000);
		return () => {
			clearInterval(tidy);
			for (const stop of off) stop();
			for (const timer of this.#timers.values()) clearTimeout(timer);
			this.#timers.clear();
			title.unread = 0;
		};
	}

	/** Everything afresh, keeping what is on the screen until the answer is here. */
	resync(): void {
		void this.reload(true);
		void this.loadCounts();
		for (const thread of this.#threads.values()) thread.stale = true;
		this.#threads.get(this.openId)?.refresh();
	}

	/** What the person sees has changed: what is not there any more goes, and the list is asked for afresh. */
	narrow(): void {
		for (const conversation of [...this.conversations.values()]) if (!session.sees(conversation.assigned_to?.user_id ?? null)) this.drop(conversation.id);
		this.#keepToViews();
		this.resync();
	}

	/** Forgets a conversation that is not there for this person any more. What was typed into it stays a draft. */
	drop(id: string): void {
		const conversation = this.conversations.get(id);
		if (id === this.openId && conversation) this.lost = { conversation, given: this.#given === id };
		this.#touched.delete(id);
		this.#threads.delete(id);
		this.conversations.delete(id);
		this.ids = this.ids.filter((one) => one !== id);
		this.#later('counts', 150, () => void this.loadCounts());
	}

	#keepToViews(): void {
		const views = viewsFor(session.reach);
		if (!views.includes(this.filter.view)) this.filter = { ...this.filter, view: views[0] ?? 'mine' };
	}

	setFilter(change: Partial<Filter>): void {
		this.filter = { ...this.filter, ...change };
		if (change.view) remember(change.view);
		void this.reload();
	}

	async reload(keep = false): Promise<void> {
		const asked = ++this.#asked;
		this.loading = true;
		this.error = null;
		if (!keep) {
			this.ids = [];
			this.next = null;
			this.matches.clear();
		}
		try {
			let page = await this.#page();
			// A page of a search may be empty though there are more.
			while (asked === this.#asked && page.data.length === 0 && page.next) page = await this.#page(page.next);
			if (asked !== this.#asked) return;
			this.ids = page.data.map((conversation) => this.#keep(conversation));
			this.next = page.next ?? null;
		} catch (error) {
			if (asked === this.#asked) this.error = error;
		} finally {
			if (asked === this.#asked) this.loading = false;
		}
	}

	async more(): Promise<void> {
		if (!this.next || this.loadingMore || this.loading) return;
		const asked = this.#asked;
		this.loadingMore = true;
		try {
			const page = await this.#page(this.next);
			if (asked !== this.#asked) return;
			const there = new Set(this.ids);
			this.ids = [...this.ids, ...page.data.map((conversation) => this.#keep(conversation)).filter((id) => !there.has(id))];
			this.next = page.next ?? null;
		} catch {
			// The end of the list asks again when it is scrolled to.
		} finally {
			this.loadingMore = false;
		}
	}

	#page(cursor?: string) {
		const { view, unread, q } = this.filter;
		// Who looks for somebody wants to find them in closed conversations as well.
		const status = q && this.filter.status === 'open' ? undefined : this.filter.status;
		return ok(api.GET('/api/v1/conversations', { params: { query: { view, ...(status ? { status } : {}), limit: PAGE, ...(unread ? { unread } : {}), ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) } } }));
	}

	#keep(conversation: Conversation): string {
		if (conversation.match) this.matches.set(conversation.id, conversation.match);
		this.conversations.set(conversation.id, conversation);
		return conversation.id;
	}

	async loadCounts(): Promise<void> {
		try {
			this.counts = await ok(api.GET('/api/v1/conversations/counts'));
			title.unread = this.counts.unread;
		} catch {
			// The next event asks again.
		}
	}

	async loadQuickReplies(): Promise<void> {
		this.quickReplies = (await ok(api.GET('/api/v1/quick-replies'))).data;
	}

	/** Asks for the templates once. */
	loadTemplates(again = false): Promise<void> {
		if (again) this.#templatesAsked = null;
		this.templatesError = null;
		this.#templatesAsked ??= ok(api.GET('/api/v1/templates')).then(
			(page) => void (this.templates = page.data),
			(error: unknown) => {
				this.templatesError = error;
				this.#templatesAsked = null;
			}
		);
		return this.#templatesAsked;
	}

	/** One conversation, from the store or the server. */
	async ensure(id: string): Promise<Conversation> {
		const known = this.conversations.get(id);
		if (known) return known;
		return this.refresh(id);
	}

	async refresh(id: string): Promise<Conversation> {
		try {
			const conversation = await ok(api.GET('/api/v1/conversations/{id}', { params: { path: { id } } }));
			this.patch(conversation);
			return conversation;
		} catch (error) {
			// It went to a colleague before we asked.
			if (asProblem(error).status === 404 && this.conversations.has(id)) this.drop(id);
			throw error;
		}
	}

	/** Takes in a conversation as the server has it, and moves it to where it belongs. */
	patch(conversation: Conversation): void {
		if (!session.sees(conversation.assigned_to?.user_id ?? null)) {
			this.drop(conversation.id);
			return;
		}
		this.conversations.set(conversation.id, conversation);
		const shown = this.ids.includes(conversation.id);
		const fits = belongs(conversation, this.filter, session.user.id);
		// What is open stays in sight though it was just read or closed: it goes with the next load of the list.
		if (fits === false && !(shown && this.filter.unread && conversation.id === this.openId)) {
			if (shown) this.ids = this.ids.filter((id) => id !== conversation.id);
			return;
		}
		if (fits === null && !shown) return;
		const keyOf = (id: string) => {
			const one = this.conversations.get(id);
			return one ? sortKey(one) : '';
		};
		// Older than everything that is loaded, while there is more: it comes with its page.
		const lastId = this.ids[this.ids.length - 1];
		if (!shown && this.next && lastId && sortKey(conversation) < keyOf(lastId)) return;
		// What a search has found stays in its order.
		if (fits === null) return;
		this.ids = place(this.ids, conversation.id, keyOf);
	}

	async change(id: string, change: { status?: 'open' | 'closed' | 'snoozed'; snoozed_until?: string | null; assigned_to?: string | null }): Promise<void> {
		// Before the answer: the event that it is gone may come first.
		if (change.assigned_to !== undefined) this.#given = id;
		const conversation = await ok(api.PATCH('/api/v1/conversations/{id}', { params: { path: { id } }, body: change }));
		this.patch(conversation);
		this.#later('counts', 150, () => void this.loadCounts());
		this.#threads.get(id)?.refresh();
	}

	async markRead(id: string): Promise<void> {
		const conversation = this.conversations.get(id);
		if (!conversation || conversation.unread_count === 0 || !session.can('inbox:write')) return;
		this.patch({ ...conversation, unread_count: 0 });
		try {
			await ok(api.POST('/api/v1/conversations/{id}/read', { params: { path: { id } } }));
			this.#later('counts', 150, () => void this.loadCounts());
		} catch {
			this.conversations.set(id, conversation);
		}
	}

	thread(id: string): Thread {
		const known = this.#threads.get(id);
		const thread = known ?? new Thread(id);
		// The one used last stands last.
		this.#threads.delete(id);
		this.#threads.set(id, thread);
		for (const [old, one] of this.#threads) {
			if (this.#threads.size <= KEPT_THREADS) break;
			if (old !== id && one.locals.length === 0) this.#threads.delete(old);
		}
		return thread;
	}

	constructor() {
		// For as long as the tab lives: what was written goes out wherever in the application its writer is now.
		const resume = () => {
			for (const thread of this.#threads.values()) thread.resume();
		};
		globalThis.addEventListener?.('online', resume);
		onAnswer(resume);
		globalThis.addEventListener?.('beforeunload', (event) => {
			if ([...this.#threads.values()].some((thread) => thread.losing)) event.preventDefault();
		});
	}

	#onEvent(data: LiveData, event: string): void {
		const id = typeof data.conversation_id === 'string' ? data.conversation_id : '';
		if (!id || event === 'conversation.hidden') return;
		if (event === 'presence') {
			if (data.user_id !== session.user.id) this.presence.note(id, data);
			return;
		}
		const thread = this.#threads.get(id);
		const message = typeof data.message_id === 'string' ? data.message_id : '';
		const status = event === 'message.status' && typeof data.status === 'string' ? data.status : '';
		if (thread) {
			if (id !== this.openId) thread.stale = true;
			if (message) thread.touch(message, status);
			else if (id === this.openId) thread.refresh();
		}
		// Ticks of an older message say nothing about the list.
		const known = this.conversations.get(id);
		if (status && known?.last_message?.id && known.last_message.id !== message) return;
		this.#touched.add(id);
		this.#later('touched', 60, () => this.#fetchTouched());
		if (!status) this.#later('counts', 500, () => void this.loadCounts());
	}

	/** Asks for the conversations that changed; in a storm, for the list. */
	#fetchTouched(): void {
		const ids = [...this.#touched];
		this.#touched.clear();
		if (ids.length > 12) {
			void this.reload(true);
			if (ids.includes(this.openId)) this.#quietly(this.refresh(this.openId));
			return;
		}
		for (const id of ids) this.#quietly(this.refresh(id));
	}

	/** Does it once, a moment from now, however often it is asked for. */
	#later(name: string, ms: number, work: () => void): void {
		if (this.#timers.has(name)) return;
		this.#timers.set(
			name,
			setTimeout(() => {
				this.#timers.delete(name);
				work();
			}, ms)
		);
	}

	#quietly(work: Promise<unknown>): void {
		work.catch(() => {
			// Nothing depends on it; the next event or load brings it.
		});
	}
}

/** What a contact is called: the name, else the number, else the user name. */
export function nameOf(contact: Conversation['contact']): string {
	if (contact.name) return contact.name;
	if (contact.phone) return phone(contact.phone);
	return contact.username ? `@${contact.username.replace(/^@/, '')}` : '…';
}

function remembered(): Filter['view'] {
	try {
		const view = localStorage.getItem(VIEW);
		return view === 'mine' || view === 'unassigned' ? view : 'all';
	} catch {
		return 'all';
	}
}
function remember(view: string): void {
	try {
		localStorage.setItem(VIEW, view);
	} catch {
		// For this page only.
	}
}

export const inbox = new Inbox();
