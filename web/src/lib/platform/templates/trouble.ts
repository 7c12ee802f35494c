// What is wrong with a row of the roll-out, in the language of the person. Pure but for its words.
import { i18n, t } from '$lib/i18n';
import { fmt } from '$lib/format';
import { happened } from '$lib/outcome/codes.svelte';
import { rejection } from '$lib/templates/states';
import type { RolloutRow } from './types';

export interface Trouble {
	text: string;
	/** Meta's own words, which nobody translates. */
	said: string;
	code: number | null;
}

/** With this the server's sentence goes on to what Meta said. */
const SAYS = 'WhatsApp says: ';
const none: Omit<Trouble, 'text'> = { said: '', code: null };

export function troubleOf(row: Pick<RolloutRow, 'error' | 'state' | 'paused_until' | 'rejected_reason'>): Trouble | null {
	const { error } = row;
	if (!error) return null;
	if (error.code) {
		// English is what the server says. Elsewhere Meta's code has its sentence, and Meta's own words follow it.
		const text = happened({ code: error.code, explanation: error.what });
		const said = text === error.what ? '' : (error.what.split(SAYS)[1] ?? '');
		return { text, said, code: error.code };
	}
	if (error.title === 'rejected') {
		const { why, todo } = rejection(row.rejected_reason ?? 'NONE');
		return { ...none, text: `${why} ${todo}` };
	}
	if (error.title === 'paused') return { ...none, text: paused(row.paused_until) };
	return { ...none, text: i18n.maybe(`gtpl.error.${error.title}`, { what: error.what }) ?? error.what };
}

/** A pause without an end lasts until somebody ends it; where nothing is known of an end, nothing is promised. */
function paused(until: string | null | undefined): string {
	const end = until ? t('gtpl.paused.until', { time: fmt.dateTime(until) }) : until === null ? t('gtpl.paused.open') : '';
	return `${t('gtpl.error.paused')} ${end}`.trim();
}

/** The category that Meta gave, where it is another one than was asked for. */
export const otherCategory = (row: Pick<RolloutRow, 'category'>, wanted: string): string | null => (row.category && wanted && row.category.toUpperCase() !== wanted.toUpperCase() ? row.category.toUpperCase() : null);
