// Whose conversations a member sees.
import type { Reach, Role } from '$lib/api';
import { t } from '$lib/i18n';

/** Managers and owners see all, whatever is written down. */
export function narrows(role: Role): boolean {
	return role === 'agent' || role === 'viewer';
}

/** What the choice means for somebody with this role, in a sentence. */
export function reachHint(role: Role, reach: Reach): string {
	if (!narrows(role)) return t('settings.reach.above_text');
	if (reach === 'all') return t('settings.reach.all_text');
	return t(role === 'viewer' ? 'settings.reach.own_viewer_text' : 'settings.reach.own_text');
}
