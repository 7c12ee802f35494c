// The pages of the rail, and who sees them. A page that a person may not open is not shown.
import Activity from '@lucide/svelte/icons/activity';
import Bell from '@lucide/svelte/icons/bell';
import Building2 from '@lucide/svelte/icons/building-2';
import Hash from '@lucide/svelte/icons/hash';
import History from '@lucide/svelte/icons/history';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import Inbox from '@lucide/svelte/icons/inbox';
import Layers from '@lucide/svelte/icons/layers';
import LayoutTemplate from '@lucide/svelte/icons/layout-template';
import KeyRound from '@lucide/svelte/icons/key-round';
import Plug from '@lucide/svelte/icons/plug';
import Link from '@lucide/svelte/icons/link';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Send from '@lucide/svelte/icons/send';
import Settings from '@lucide/svelte/icons/settings';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';
import Zap from '@lucide/svelte/icons/zap';
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
	{ href: '/history', label: 'nav.history', icon: History, group: 'workspace', keys: 'g y', allowed: () => session.can('inbox:read') },
	{ href: '/sending', label: 'nav.sending', icon: Send, group: 'workspace', keys: 'g q', allowed: () => session.can('inbox:read') },
	{ href: '/templates', label: 'nav.templates', icon: LayoutTemplate, group: 'workspace', keys: 'g l', allowed: () => session.can('inbox:read') },
	{ href: '/notifications', label: 'nav.notifications', icon: Zap, group: 'workspace', keys: 'g e', allowed: () => session.can('settings:read') },
	{ href: '/alerts', label: 'nav.alerts', icon: Bell, group: 'workspace', keys: 'g b', allowed: () => session.can('settings:read') || session.canPlatform('platform:read') },
	{ href: '/settings', label: 'nav.settings', icon: Settings, group: 'workspace', keys: 'g s', allowed: () => session.can('settings:read') || session.can('members:read') },
	{ href: '/platform/numbers', label: 'nav.numbers', icon: Hash, group: 'platform', keys: 'g n', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/tenants', label: 'nav.tenants', icon: Building2, group: 'platform', keys: 'g t', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/templates', label: 'nav.global_templates', icon: Layers, group: 'platform', keys: 'g m', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/connections', label: 'nav.connections', icon: Plug, group: 'platform', keys: 'g c', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/links', label: 'nav.links', icon: Link, group: 'platform', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/setup', label: 'nav.setup', icon: SlidersHorizontal, group: 'platform', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/intake', label: 'nav.intake', icon: Activity, group: 'platform', keys: 'g k', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/queue', label: 'nav.queue', icon: ListOrdered, group: 'platform', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/audit', label: 'nav.audit', icon: ScrollText, group: 'platform', keys: 'g a', allowed: () => session.canPlatform('platform:audit') },
	{ href: '/platform/health', label: 'nav.health', icon: HeartPulse, group: 'platform', keys: 'g h', allowed: () => session.canPlatform('platform:read') },
	{ href: '/platform/people', label: 'nav.people', icon: Users, group: 'platform', keys: 'g p', allowed: () => session.canPlatform('platform:people') },
	{ href: '/platform/keys', label: 'nav.keys', icon: KeyRound, group: 'platform', allowed: () => session.canPlatform('platform:write') }
];

export const navigation = (): NavItem[] => items.filter((item) => item.allowed());

/** Where a person begins. Who belongs nowhere is told so by the inbox. */
export const home = (): string => navigation()[0]?.href ?? '/inbox';
