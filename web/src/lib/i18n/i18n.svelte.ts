import type en from './en.json';
import { fill, type Message, type Params } from './message';
import type templates from './templates/en.json';

export type Key = keyof typeof en | keyof typeof templates;
type Dictionary = Record<string, Message>;

const files = import.meta.glob<Dictionary>('./*.json', { import: 'default' });
/** Words of pages that are not part of every start: a folder an area, a file a language. */
const areas = import.meta.glob<Dictionary>('./*/*.json', { import: 'default' });

/** The languages there are, by their codes. */
export const languages: string[] = Object.keys(files).map((path) => path.replace(/^\.\/|\.json$/g, ''));

class I18n {
	language = $state('en');
	/** The language with the browser's region, where it has one: dates in English differ by country. */
	locale = $derived(navigator.languages.find((tag) => tag.slice(0, 2) === this.language) ?? this.language);
	#words = $state.raw<Dictionary>({});
	/** The areas that were asked for; a change of the language brings them along. */
	#wanted = new Set<string>();
	#started = false;

	/** Loads a language and shows everything in it. An unknown one leaves things as they are. */
	async use(language: string): Promise<void> {
		const load = files[`./${language}.json`];
		if (!load) return;
		const [words, ...more] = await Promise.all([load(), ...[...this.#wanted].map((area) => this.#more(area, language))]);
		this.#words = Object.assign({}, words, ...more);
		this.language = language;
		this.#started = true;
		document.documentElement.lang = language;
		try {
			localStorage.setItem('trunkline.language', language);
		} catch {
			// Only the next start asks for it.
		}
	}

	/** Loads the words of an area; pages ask for theirs before they are shown. */
	async area(name: string): Promise<void> {
		if (this.#wanted.has(name)) return;
		this.#wanted.add(name);
		// Before the first language is there nobody knows which: it brings them.
		if (!this.#started) return;
		const more = await this.#more(name, this.language);
		this.#words = { ...this.#words, ...more };
	}

	async #more(area: string, language: string): Promise<Dictionary> {
		return (await areas[`./${area}/${language}.json`]?.()) ?? {};
	}

	text(key: Key, params?: Params): string {
		const message = this.#words[key];
		return message === undefined ? key : fill(message, params, this.locale);
	}

	/** A text whose key is put together at run time; null where there is none. */
	maybe(key: string, params?: Params): string | null {
		const message = this.#words[key];
		return message === undefined ? null : fill(message, params, this.locale);
	}
}

export const i18n = new I18n();

/** The text of a key in the language of the person. */
export const t = (key: Key, params?: Params): string => i18n.text(key, params);

/** A language's own name for itself. */
export function languageName(code: string): string {
	const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
	return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

/** The language of the last visit, or the browser's, among those there are. */
export function preferredLanguage(): string {
	const wanted = [document.documentElement.lang, ...navigator.languages].map((tag) => tag.slice(0, 2));
	try {
		wanted.unshift(localStorage.getItem('trunkline.language') ?? '');
	} catch {
		// Storage is off.
	}
	// The page says `en` before anybody has chosen; what the browser asks for goes before it.
	return [wanted[0], ...wanted.slice(2), 'en'].find((code) => code && languages.includes(code)) ?? 'en';
}
