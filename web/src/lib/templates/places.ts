// Where a mistake that the server found stands in the editor. Pure.
import { list, text, type Json } from '$lib/data/json';

export interface Problem {
	field: string;
	problem: string;
	code?: string | number | null;
	rule?: string | null;
}

const parts: Record<string, string> = { HEADER: 'header', BODY: 'body', FOOTER: 'footer', BUTTONS: 'buttons', CAROUSEL: 'cards', LIMITED_TIME_OFFER: 'offer', CALL_PERMISSION_REQUEST: 'body' };

/** `components[1].buttons[0].url` of these components is `buttons.0.url`; `cards` begin at the carousel. */
export function placeOf(field: string, components: Json[]): string {
	const steps = field.replace(/\[(\d+)\]/g, '.$1').split('.').filter(Boolean);
	if (steps[0] !== 'components') return steps.join('.').toLowerCase();
	const component = components[Number(steps[1])];
	if (!component) return steps.length > 1 && !/^\d+$/.test(steps[1] ?? '') ? steps.slice(1).join('.').toLowerCase() : 'components';
	const part = parts[text(component.type).toUpperCase()] ?? 'components';
	const rest = steps.slice(2);
	if (rest[0] === part || (part === 'buttons' && rest[0] === 'buttons') || (part === 'offer' && rest[0] === 'limited_time_offer')) rest.shift();
	if (part === 'cards' && rest[1] === 'components') return ['cards', rest[0] ?? '', placeInCard(list(component.cards)[Number(rest[0])], rest.slice(2))].join('.');
	return [part, ...rest].join('.');
}

function placeInCard(card: Json | undefined, rest: string[]): string {
	return placeOf(['components', ...rest].join('.'), list(card?.components));
}

/** What is wrong at a place or below it, as one text; null where all is well. */
export function problemAt(problems: readonly Problem[], components: Json[], place: string, exact = false): string | null {
	const found = problems.filter(({ field }) => {
		const at = placeOf(field, components);
		return at === place || (!exact && at.startsWith(`${place}.`));
	});
	return found.length > 0 ? [...new Set(found.map(({ problem }) => problem))].join(' ') : null;
}

/** What belongs to none of these places. */
export const elsewhere = (problems: readonly Problem[], components: Json[], places: readonly string[]): Problem[] =>
	problems.filter(({ field }) => {
		const at = placeOf(field, components);
		return !places.some((place) => at === place || at.startsWith(`${place}.`));
	});

/** Whether what a problem is about still stands as it did: what was changed since is taken for corrected until somebody judges again. */
export function stands({ field }: Problem, before: Json[], now: Json[]): boolean {
	const [head, place, ...steps] = field.replace(/\[(\d+)\]/g, '.$1').split('.').filter(Boolean);
	const was = before[Number(place)];
	if (head !== 'components' || !was) return true;
	let old: unknown = was;
	let found: unknown = now.find((component) => component.type === was.type);
	// As far as there was something: what is missing is put into what is around it.
	for (const step of steps) {
		const next = (old as Json)[step];
		if (next === undefined || next === null) break;
		old = next;
		found = (found as Json | undefined)?.[step];
		if (typeof next !== 'object') break;
	}
	return JSON.stringify(old) === JSON.stringify(found);
}
