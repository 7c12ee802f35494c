// The web application's own words, so that tests find things by the names that people see.
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../../web/src/lib/i18n/', import.meta.url);
const areas = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => `${entry.name}/`);
/** What every start loads, and what the pages of an area bring along. */
const read = (language) => Object.assign({}, ...['', ...areas].map((area) => JSON.parse(readFileSync(new URL(`${area}${language}.json`, folder), 'utf8'))));
const files = new Map();

/** Words of a language: `t('thread.messages', { name: 'Ana' })`. An unknown key is a mistake of the test. */
export function wordsOf(language) {
	if (!files.has(language)) files.set(language, read(language));
	const words = files.get(language);
	const plural = new Intl.PluralRules(language);
	return (key, values = {}) => {
		const found = words[key];
		if (found === undefined) throw new Error(`The web application has no words for ${key} in ${language}.`);
		const text = typeof found === 'string' ? found : (found[plural.select(values.count ?? 0)] ?? found.other);
		return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
	};
}

/** A pattern that begins with the text: names of buttons may end in a key or a count. */
export const begins = (text) => new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
