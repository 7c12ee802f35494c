// The entries of the menu under a person's name.
import CircleUserRound from '@lucide/svelte/icons/circle-user-round';
import Keyboard from '@lucide/svelte/icons/keyboard';
import LogOut from '@lucide/svelte/icons/log-out';
import type { Theme } from '$lib/api';
import { i18n, languageName, languages, t } from '$lib/i18n';
import { session } from '$lib/session.svelte';
import { explain } from '$lib/ui/explain';
import type { MenuEntry } from '$lib/ui/menu';
import { toasts } from '$lib/ui/toast.svelte';
import { shell } from './shell.svelte';

export const themes: Theme[] = ['system', 'light', 'dark'];

/** Runs a change of the person's own settings; what goes wrong is told. */
export function attempt(work: Promise<unknown>): void {
	work.catch((error: unknown) => toasts.error(explain(error)));
}

export function userEntries(): MenuEntry[] {
	const entries: MenuEntry[] = [];
	if (session.tenants.length > 1) {
		entries.push({ kind: 'group', label: t('user.tenants') });
		for (const tenant of session.tenants) {
			entries.push({ label: tenant.name, checked: tenant.id === session.tenant?.id, run: () => session.switchTenant(tenant.id) });
		}
		entries.push({ kind: 'line' });
	}
	entries.push({ kind: 'group', label: t('user.theme') });
	for (const theme of themes) {
		entries.push({ label: t(`theme.${theme}`), checked: session.user.theme === theme, run: () => attempt(session.setTheme(theme)) });
	}
	entries.push({ kind: 'line' }, { kind: 'group', label: t('user.language') });
	for (const code of languages) {
		entries.push({ label: languageName(code), checked: i18n.language === code, run: () => attempt(session.setLanguage(code)) });
	}
	entries.push(
		{ kind: 'line' },
		{ label: t('user.account'), href: '/account', icon: CircleUserRound },
		{ label: t('user.shortcuts'), icon: Keyboard, hint: '?', run: () => (shell.help = true) },
		{ label: t('user.sign_out'), icon: LogOut, run: () => attempt(session.signOut()) }
	);
	return entries;
}
