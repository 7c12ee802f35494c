// Filling in a message: pure, so that it is tested without a page.

/** A text, or one text for each plural category of the language (`one`, `other` …), chosen by `count`. */
export type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Params = Record<string, string | number>;

/** The text of a message in a language, with `{name}` filled in. Numbers are written as the language writes them. */
export function fill(message: Message, params: Params | undefined, language: string): string {
	const text = typeof message === 'string' ? message : choose(message, params?.count, language);
	if (!params) return text;
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const value = params[name];
		if (value === undefined) return whole;
		return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
	});
}

function choose(forms: Exclude<Message, string>, count: unknown, language: string): string {
	const category = new Intl.PluralRules(language).select(Number(count ?? 0));
	return forms[category] ?? forms.other ?? '';
}

/** The names in braces, sorted: they must be the same in every language. */
export function placeholders(message: Message): string[] {
	const texts = typeof message === 'string' ? [message] : Object.values(message);
	return [...new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')))].sort();
}
