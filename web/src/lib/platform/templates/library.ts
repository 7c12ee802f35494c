// Meta's library: one entry a name, its languages together; and what its buttons ask for. Pure.
import { list, text, type Json } from '$lib/data/json';
import type { LibraryTemplate } from './types';

export interface Entry {
	name: string;
	languages: Record<string, LibraryTemplate>;
	category: string;
	about: string;
}

export function entriesOf(templates: readonly LibraryTemplate[]): Entry[] {
	const entries = new Map<string, Entry>();
	for (const template of templates) {
		const entry = entries.get(template.name) ?? { name: template.name, languages: {}, category: template.category ?? '', about: [template.topic, template.usecase].filter(Boolean).join(' · ').toLowerCase().replaceAll('_', ' ') };
		entry.languages[template.language] = template;
		entries.set(template.name, entry);
	}
	return [...entries.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** As components, with the library's own examples, for the phone. */
export function componentsOf(template: LibraryTemplate): { components: Json[]; parameter_format: string } {
	const values = Array.isArray(template.body_params) ? template.body_params.map(text) : [];
	const components: Json[] = [];
	if (template.header) components.push({ type: 'HEADER', format: 'TEXT', text: template.header });
	components.push({ type: 'BODY', text: template.body ?? '', ...(values.length > 0 ? { example: { body_text: [values] } } : {}) });
	const buttons = list(template.buttons);
	if (buttons.length > 0) components.push({ type: 'BUTTONS', buttons });
	return { components, parameter_format: 'POSITIONAL' };
}

/** What a button of the library's leads to: without it Meta takes its own samples, an address and a number of nobody's. */
export interface Input {
	kind: 'URL' | 'PHONE_NUMBER';
	/** What stands on the button. */
	button: string;
	value: string;
	/** Of an address that ends in a value: a whole one. */
	example: string;
}

/** The buttons for which an address or a number is to be given. */
export const inputsOf = (template: LibraryTemplate | undefined): Input[] =>
	list(template?.buttons).flatMap((button) => {
		const kind = text(button.type).toUpperCase();
		return kind === 'URL' || kind === 'PHONE_NUMBER' ? [{ kind, button: text(button.text), value: '', example: '' }] : [];
	});
export const hasVariable = (input: Input): boolean => input.kind === 'URL' && input.value.includes('{{');

/** What is wrong with an input and at which of its fields; null where nothing is. */
export function wrongWith({ kind, value, example }: Input): { field: 'value' | 'example'; rule: 'https' | 'number' | 'whole' } | null {
	const given = value.trim();
	if (kind === 'PHONE_NUMBER') return /^\+?\d{5,19}$/.test(given.replace(/[\s().-]/g, '')) ? null : { field: 'value', rule: 'number' };
	const [address = '', ...variables] = given.split('{{1}}');
	if (!/^https:\/\/[^\s/{}]+\.[^\s{}]+$/.test(address) || variables.length > 1 || variables.some((rest) => rest !== '')) return { field: 'value', rule: 'https' };
	return variables.length > 0 && !/^https:\/\/[^\s{}]+$/.test(example.trim()) ? { field: 'example', rule: 'whole' } : null;
}
export const inputJson = (input: Input): Json => {
	if (input.kind === 'PHONE_NUMBER') return { type: input.kind, phone_number: input.value.replace(/[\s().-]/g, '') };
	return { type: input.kind, url: { base_url: input.value.trim(), ...(hasVariable(input) ? { url_suffix_example: input.example.trim() } : {}) } };
};
