// The variables of a text, and what is wrong with how they stand. Pure. The server judges by the same rules and more;
// these are told while somebody types.

/** What is wrong with a text, as a word of the dictionary (`tpl.rule.…`). */
export type TextProblem = 'starts' | 'ends' | 'adjacent' | 'gap' | 'mixed' | 'name' | 'open' | 'long' | 'twice';

const mark = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The names in double braces, each once, in the order in which they are read. */
export const namesIn = (text: string): string[] => [...new Set([...text.matchAll(mark)].map((found) => found[1] ?? ''))];

export const isNumber = (name: string): boolean => /^\d+$/.test(name);

/** Characters as people count them. */
export const lengthOf = (text: string): number => [...text].length;

/** What is wrong with a text of a header or a body. `most` is its longest length. */
export function problemsOf(text: string, most: number, named: boolean): TextProblem[] {
	const found: TextProblem[] = [];
	const names = [...text.matchAll(mark)].map((one) => one[1] ?? '');
	const trimmed = text.trim();
	if (lengthOf(text) > most) found.push('long');
	if (/\{\{[^{}]*$|\{\{\s*\}\}/.test(text) || (text.match(/\{\{/g) ?? []).length !== (text.match(/\}\}/g) ?? []).length) found.push('open');
	if (names.length === 0) return found;
	if (/^\{\{[^{}]*\}\}/.test(trimmed)) found.push('starts');
	if (/\{\{[^{}]*\}\}$/.test(trimmed)) found.push('ends');
	if (/\}\}\s*\{\{/.test(text)) found.push('adjacent');
	const numbers = names.filter(isNumber);
	if (new Set(names).size < names.length) found.push('twice');
	if (named ? numbers.length > 0 : numbers.length < names.length) found.push('mixed');
	if (named && names.some((name) => !isNumber(name) && !/^[a-z0-9_]+$/.test(name))) found.push('name');
	if (!named && numbers.length === names.length) {
		const values = [...new Set(numbers.map(Number))].sort((a, b) => a - b);
		if (values.some((value, place) => value !== place + 1)) found.push('gap');
	}
	return [...new Set(found)];
}

/** The next variable to put in: the number after the highest, or a name that is free. */
export function nextName(text: string, named: boolean): string {
	const names = namesIn(text);
	if (!named) return String(Math.max(0, ...names.filter(isNumber).map(Number)) + 1);
	let place = names.length + 1;
	while (names.includes(`value_${place}`)) place += 1;
	return `value_${place}`;
}

/** A text with its variables filled in; what has no value stays as its mark. */
export const put = (text: string, values: (name: string) => string | undefined): string => text.replace(mark, (whole, name: string) => values(name) || whole);

/** The pieces of a text, so that its variables can be shown as such. */
export function piecesOf(text: string): { text: string; name: string | null }[] {
	const pieces: { text: string; name: string | null }[] = [];
	let from = 0;
	for (const found of text.matchAll(mark)) {
		if (found.index > from) pieces.push({ text: text.slice(from, found.index), name: null });
		pieces.push({ text: found[0], name: found[1] ?? '' });
		from = found.index + found[0].length;
	}
	if (from < text.length) pieces.push({ text: text.slice(from), name: null });
	return pieces;
}
