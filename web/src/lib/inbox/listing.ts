// Which conversations belong to a list, and in what order. Pure.
import type { Conversation } from '$lib/api';

export interface Filter {
	view: 'mine' | 'unassigned' | 'all';
	status: 'open' | 'closed' | 'snoozed';
	unread: boolean;
	q: string;
}

/** The views that show different things to somebody with this reach; the first is shown instead of one that is missing. */
export function viewsFor(reach: 'all' | 'own_and_unassigned' | 'own'): Filter['view'][] {
	return reach === 'own' ? ['mine'] : ['mine', 'unassigned', 'all'];
}

/** Whether a conversation that changed belongs to the list. What a search finds only the server knows, so null. */
export function belongs(conversation: Conversation, filter: Filter, me: string): boolean | null {
	const anywhere = filter.q !== '' && filter.status === 'open';
	if (!anywhere && conversation.status !== filter.status) return false;
	if (filter.view === 'mine' && conversation.assigned_to?.user_id !== me) return false;
	if (filter.view === 'unassigned' && conversation.assigned_to) return false;
	if (filter.unread && conversation.unread_count === 0) return false;
	return filter.q ? null : true;
}

/** By what the list is ordered: the newest message, then the id. Times come with and without fractions, so they are read. */
export function sortKey(conversation: Conversation): string {
	const at = Date.parse(conversation.last_message?.at ?? conversation.created_at);
	return `${String(at).padStart(15, '0')} ${conversation.id}`;
}

/** The ids with one conversation at its place; newest first. */
export function place(ids: readonly string[], id: string, keyOf: (id: string) => string): string[] {
	const rest = ids.filter((one) => one !== id);
	const key = keyOf(id);
	let low = 0;
	let high = rest.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (keyOf(rest[middle] ?? '') > key) low = middle + 1;
		else high = middle;
	}
	rest.splice(low, 0, id);
	return rest;
}
