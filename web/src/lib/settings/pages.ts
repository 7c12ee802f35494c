// The pages of the settings, and who sees each.
import BotMessageSquare from '@lucide/svelte/icons/bot-message-square';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import KeyRound from '@lucide/svelte/icons/key-round';
import MessageSquareQuote from '@lucide/svelte/icons/message-square-quote';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';
import { goto } from '$app/navigation';
import { t, type Key } from '$lib/i18n';
import { session } from '$lib/session.svelte';
import type { Command } from '$lib/shell/commands.svelte';

export interface SettingsPage {
	href: string;
	label: Key;
	icon: Component;
	scope: string;
}

export const pages: SettingsPage[] = [
	{ href: '/settings/whatsapp', label: 'settings.nav.whatsapp', icon: BotMessageSquare, scope: 'settings:read' },
	{ href: '/settings/general', label: 'settings.nav.general', icon: SlidersHorizontal, scope: 'settings:read' },
	{ href: '/settings/members', label: 'settings.nav.members', icon: Users, scope: 'members:read' },
	{ href: '/settings/keys', label: 'nav.keys', icon: KeyRound, scope: 'keys:write' },
	{ href: '/settings/quick-replies', label: 'settings.nav.replies', icon: MessageSquareQuote, scope: 'settings:read' },
	{ href: '/settings/files', label: 'settings.nav.files', icon: HardDrive, scope: 'settings:read' },
	{ href: '/settings/audit', label: 'nav.audit', icon: ScrollText, scope: 'audit:read' }
];

export const openPages = (): SettingsPage[] => pages.filter((page) => session.can(page.scope));

/** For the command palette. */
export const settingsCommands = (): Command[] =>
	openPages().map((page) => ({
		id: page.href,
		label: `${t('nav.settings')}: ${t(page.label)}`,
		group: t('palette.go'),
		icon: page.icon,
		run: () => void goto(page.href)
	}));
