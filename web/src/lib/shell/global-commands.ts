// Commands that are there on every page.
import CircleUserRound from '@lucide/svelte/icons/circle-user-round';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Languages from '@lucide/svelte/icons/languages';
import LogOut from '@lucide/svelte/icons/log-out';
import Plus from '@lucide/svelte/icons/plus';
import SunMoon from '@lucide/svelte/icons/sun-moon';
import Zap from '@lucide/svelte/icons/zap';
import { goto } from '$app/navigation';
import { languageName, languages, t } from '$lib/i18n';
import { session } from '$lib/session.svelte';
import { settingsCommands } from '$lib/settings/pages';
import type { Command } from './commands.svelte';
import { navigation } from './nav';
import { shell } from './shell.svelte';
import { attempt, themes } from './user-menu.svelte';

export function globalCommands(): Command[] {
	return [
		{ id: 'palette', label: t('user.commands'), group: t('keys.general'), keys: ['mod+k'], hidden: true, run: () => (shell.palette = !shell.palette) },
		{ id: 'help', label: t('user.shortcuts'), group: t('keys.general'), icon: Keyboard, keys: ['?'], run: () => (shell.help = true) },
		...navigation().map((item) => ({
			id: item.href,
			label: t(item.label),
			group: t('palette.go'),
			icon: item.icon,
			keys: item.keys ? [item.keys] : undefined,
			run: () => void goto(item.href)
		})),
		...settingsCommands(),
		...(session.can('settings:read')
			? [
					{ id: 'rules', label: `${t('nav.notifications')}: ${t('nav.rules')}`, group: t('palette.go'), icon: Zap, run: () => void goto('/notifications/rules') },
					{ id: 'sources', label: `${t('nav.notifications')}: ${t('nav.sources')}`, group: t('palette.go'), icon: Zap, run: () => void goto('/notifications/sources') }
				]
			: []),
		...(session.can('templates:write') ? [{ id: 'write-template', label: t('palette.new_template'), group: t('nav.templates'), icon: Plus, run: () => void goto('/templates/new') }] : []),
		...(session.can('notifications:write') ? [{ id: 'write-rule', label: t('palette.new_rule'), group: t('nav.notifications'), icon: Plus, run: () => void goto('/notifications/rules/new') }] : []),
		{ id: 'account', label: t('user.account'), group: t('palette.go'), icon: CircleUserRound, run: () => void goto('/account') },
		...themes.map((theme) => ({ id: `theme-${theme}`, label: t('palette.theme', { name: t(`theme.${theme}`) }), group: t('palette.appearance'), icon: SunMoon, run: () => attempt(session.setTheme(theme)) })),
		...languages.map((code) => ({ id: `language-${code}`, label: t('palette.language', { name: languageName(code) }), group: t('palette.appearance'), icon: Languages, run: () => attempt(session.setLanguage(code)) })),
		{ id: 'sign-out', label: t('user.sign_out'), group: t('keys.general'), icon: LogOut, run: () => attempt(session.signOut()) }
	];
}
