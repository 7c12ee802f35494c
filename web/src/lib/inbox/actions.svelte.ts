// What can be done with a conversation, for its header, its keys and the palette alike.
import type { Conversation } from '$lib/api';
import { fmt } from '$lib/format';
import { t } from '$lib/i18n';
import { session } from '$lib/session.svelte';
import { explain } from '$lib/ui/explain';
import type { MenuEntry } from '$lib/ui/menu';
import { toasts } from '$lib/ui/toast.svelte';
import { inbox, nameOf } from './inbox.svelte';
import { snoozeChoices } from './snooze';

/** Which menus of the header are open; keys open them too. */
export interface Menus {
	assign: boolean;
	snooze: boolean;
	/** The dialog for a snooze date. */
	date: boolean;
}

async function change(conversation: Conversation, body: Parameters<typeof inbox.change>[1], done: string, undo?: Parameters<typeof inbox.change>[1]): Promise<void> {
	try {
		await inbox.change(conversation.id, body);
		toasts.show(done, undo ? { action: { label: t('action.undo'), run: () => void change(conversation, undo, t('thread.undone')) } } : {});
	} catch (error) {
		toasts.error(explain(error));
	}
}

export function setStatus(conversation: Conversation, status: 'open' | 'closed'): Promise<void> {
	const name = nameOf(conversation.contact);
	return change(conversation, { status }, t(status === 'closed' ? 'thread.closed' : 'thread.reopened', { name }), status === 'closed' ? { status: 'open' } : undefined);
}

export function snooze(conversation: Conversation, until: Date): Promise<void> {
	return change(conversation, { status: 'snoozed', snoozed_until: until.toISOString() }, t('thread.snoozed', { time: fmt.dateTime(until) }), { status: 'open' });
}

export function assign(conversation: Conversation, to: { user_id: string; name: string } | null): Promise<void> {
	const done = to === null ? t('thread.unassigned') : to.user_id === session.user.id ? t('thread.assigned_me') : t('thread.assigned', { name: to.name });
	return change(conversation, { assigned_to: to?.user_id ?? null }, done);
}

export function assignEntries(conversation: Conversation): MenuEntry[] {
	const me = { user_id: session.user.id, name: session.user.name };
	const present = conversation.assigned_to?.user_id ?? null;
	const others = inbox.members.filter((member) => member.status === 'active' && member.role !== 'viewer' && member.user_id !== me.user_id);
	return [
		{ kind: 'group', label: t('thread.assign_to') },
		{ label: t('thread.me_named', { name: me.name }), checked: present === me.user_id, run: () => void assign(conversation, me) },
		...others.map((member) => ({ label: member.name, checked: present === member.user_id, run: () => void assign(conversation, member) })),
		{ kind: 'line' },
		{ label: t('thread.nobody'), checked: present === null, run: () => void assign(conversation, null) }
	];
}

export function snoozeEntries(conversation: Conversation, pick: () => void): MenuEntry[] {
	return [
		{ kind: 'group', label: t('thread.snooze_until') },
		...snoozeChoices(new Date()).map((choice) => ({ label: t(`snooze.${choice.id}`), hint: fmt.short(choice.until), run: () => void snooze(conversation, choice.until) })),
		{ label: t('snooze.date'), run: pick }
	];
}
