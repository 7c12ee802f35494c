// The pages of the rail, and who sees them. A page that a person may not open is not shown.
import Activity from '@lucide/svelte/icons/activity';
import Building2 from '@lucide/svelte/icons/building-2';
import Hash from '@lucide/svelte/icons/hash';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import Inbox from '@lucide/svelte/icons/inbox';
import KeyRound from '@lucide/svelte/icons/key-round';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Settings from '@lucide/svelte/icons/settings';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';
import type { Key } from '$lib/i18n';
import { session } from '$lib/session.svelte';

export interface NavItem {
	href: string;
	label: Key;
	icon: Component;
	group: 'workspace' | 'platform';
	/** Keys pressed one after the other. */
	keys?: string;
	allowed: () => boolean;
}

const items: NavItem[] = [
	{ href: '/inbox', label: 'nav.inbox', icon: Inbox, group: 'workspace', keys: 'g i', allowed: () => session.can('inbox:read') },
	{ href: '/settings', label: 'nav.settings', icon: Settings, group: 'workspace', keys: 'g s', allowed: () => session.can('settings:read') || session.can('members:read') },
	{ href: '/platform/numbers', label: 'nav.numbers', icon: Hash, group: 'platform', keys: 'g n', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/tenants', label: 'nav.tenants', icon: Building2, group: 'platform', keys: 'g t', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/intake', label: 'nav.intake', icon: Activity, group: 'platform', keys: 'g k', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/audit', label: 'nav.audit', icon: ScrollText, group: 'platform', keys: 'g a', allowed: () => session.canPlatform('platform:audit') },
	{ href: '/platform/health', label: 'nav.health', icon: HeartPulse, group: 'platform', keys: 'g h', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/people', label: 'nav.people', icon: Users, group: 'platform', keys: 'g p', allowed: () => session.canPlatform('platform:people') },
	{ href: '/platform/keys', label: 'nav.keys', icon: KeyRound, group: 'platform', allowed: () => session.canPlatform('platform:write') }
];

export const navigation = (): NavItem[] => items.filter((item) => item.allowed());

/** Where a person begins. Who belongs nowhere is told so by the inbox. */
export const home = (): string => navigation()[0]?.href ?? '/inbox';
