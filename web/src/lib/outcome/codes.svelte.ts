// What Meta's codes mean, in the language of the person. English is what the server says; the others stand here.
import { i18n, t } from '$lib/i18n';

const files = import.meta.glob<Record<string, string>>('./codes.*.json', { import: 'default' });

/** Looks a code up among keys such as `131047` and `200-299`. */
export function find(words: Record<string, string>, code: number): string | null {
	const exact = words[String(code)];
	if (exact) return exact;
	for (const [key, text] of Object.entries(words)) {
		const [first, last] = key.split('-').map(Number);
		if (first !== undefined && last !== undefined && code >= first && code <= last) return text;
	}
	return null;
}

class Codes {
	#words = $state.raw<Record<string, string>>({});
	#language = '';

	async #use(language: string): Promise<void> {
		if (this.#language === language) return;
		this.#language = language;
		const load = files[`./codes.${language}.json`];
		this.#words = load ? await load() : {};
	}

	/** The sentence of a code in the person's language; null where the server's has to do. */
	of(code: number): string | null {
		const language = i18n.language;
		// Not while something is derived from it.
		if (language !== this.#language) queueMicrotask(() => void this.#use(language));
		return find(this.#words, code);
	}
}

const codes = new Codes();

export interface Failure {
	code?: number | null;
	title?: string | null;
	details?: string | null;
	explanation?: string | null;
	remedy?: Remedy | null;
}
export interface Remedy {
	do: string;
	who: string;
	sentence: string;
}

/** What happened, in plain words. */
export function happened(failure: Failure): string {
	if (failure.code) return codes.of(failure.code) ?? failure.explanation ?? failure.title ?? '';
	// What the product itself gave up is known by its title.
	const own = (failure.title ?? '').toLowerCase().replace(/[^a-z]+/g, '_');
	return i18n.maybe(`failure.own.${own}`) ?? failure.explanation ?? failure.title ?? t('thread.failed');
}

/** A few words for a code: the title that it has in English, elsewhere how its sentence begins. Null where there is no code. */
export function titleOf(failure: Failure): string | null {
	if (!failure.code) return null;
	return beginning(codes.of(failure.code)) ?? failure.title ?? null;
}

/** The first sentence, without its full stop. */
export const beginning = (text: string | null): string | null => text && (text.split(/(?<=[.:;])\s/)[0] ?? text).replace(/[.:;]$/, '');

export const whatToDo = (remedy: Remedy): string => i18n.maybe(`remedy.${remedy.do}`) ?? remedy.sentence;
export const whoCan = (remedy: Remedy): string | null => i18n.maybe(`remedy.who.${remedy.who}`);

export interface Hold {
	code: string;
	until?: string | null;
	explanation: string;
}
/** Why something waits. */
export const waitsFor = (hold: Hold): string => i18n.maybe(`hold.${hold.code}`) ?? hold.explanation;
