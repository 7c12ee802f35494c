// The list of templates: one row a name, its languages side by side. Pure.
import { plain } from '$lib/shell/search';
import { list, text } from '$lib/data/json';
import type { Template } from './types';

export interface Group {
	name: string;
	category: string;
	templates: Template[];
	updated: string;
	/** The worst of its languages. */
	quality: string;
	body: string;
}

const worst = ['RED', 'YELLOW', 'GREEN'];
export const bodyText = (template: { components?: unknown }): string => text(list(template.components).find((component) => text(component.type).toUpperCase() === 'BODY')?.text);

/** `language`: whose text is shown where the name has it. */
export function groupsOf(templates: readonly Template[], language = ''): Group[] {
	const groups = new Map<string, Template[]>();
	for (const template of templates) {
		const name = template.name ?? '';
		groups.set(name, [...(groups.get(name) ?? []), template]);
	}
	return [...groups]
		.map(([name, own]) => {
			own.sort((a, b) => (a.language ?? '').localeCompare(b.language ?? ''));
			return {
				name,
				category: [...new Set(own.map((one) => one.category ?? ''))].filter(Boolean).join(', '),
				templates: own,
				updated: own.map((one) => one.updated_at ?? '').sort().at(-1) ?? '',
				quality: worst.find((word) => own.some((one) => one.quality === word)) ?? '',
				body: [...own].sort((a, b) => Number((b.language ?? '').startsWith(language)) - Number((a.language ?? '').startsWith(language))).map(bodyText).find(Boolean) ?? ''
			};
		})
		.sort((a, b) => a.name.localeCompare(b.name));
}

export interface Filter {
	q: string;
	status: string;
	category: string;
	language: string;
}
export const noFilter: Filter = { q: '', status: '', category: '', language: '' };

export function matching(templates: readonly Template[], filter: Filter): Template[] {
	const words = plain(filter.q.trim()).split(/\s+/).filter(Boolean);
	return templates.filter((one) => {
		if (filter.status && one.status !== filter.status) return false;
		if (filter.category && one.category !== filter.category) return false;
		if (filter.language && one.language !== filter.language) return false;
		const target = plain(`${one.name} ${(one.name ?? '').replaceAll('_', ' ')} ${bodyText(one)}`);
		return words.every((word) => target.includes(word));
	});
}

/** The filter as an address, and back. */
export function addressOf(filter: Filter): string {
	const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
	return query.size > 0 ? `?${query}` : '';
}
export const filterOf = (query: URLSearchParams): Filter => ({ q: query.get('q') ?? '', status: query.get('status') ?? '', category: query.get('category') ?? '', language: query.get('language') ?? '' });
