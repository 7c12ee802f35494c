// Templates: which values one needs, what is sent, and how it reads with them. Pure.
import type { Template, TemplateComponent } from '$lib/api';
import { list, object, text } from './rows';

export interface Variable {
	/** Unique within the template. */
	id: string;
	part: 'header' | 'body' | 'button';
	/** `1`, or the name of a named one. */
	name: string;
	/** Of a button: its place. */
	index?: number;
	/** Meta's example, shown as a hint. */
	example: string;
	/** A file instead of a text: its kind. */
	media?: 'image' | 'video' | 'document';
	/** Of a button: `url` or `copy_code`. */
	button?: 'url' | 'copy_code';
}

const find = (template: Template, type: string): TemplateComponent | undefined => template.components.find((component) => component.type.toUpperCase() === type);
const names = (source: string): string[] => [...new Set([...source.matchAll(/\{\{\s*([\w]+)\s*\}\}/g)].map((match) => match[1] ?? ''))];

function example(component: TemplateComponent, part: 'header' | 'body', name: string, place: number): string {
	const examples = object(component.example);
	const named = list(examples[`${part}_text_named_params`]).find((one) => one.param_name === name);
	if (named) return text(named.example);
	const given = examples[`${part}_text`];
	const row: unknown = Array.isArray(given) && Array.isArray(given[0]) ? given[0] : given;
	return Array.isArray(row) ? text(row[place]) : '';
}

/** The values that a template needs, in the order in which they are read. */
export function variables(template: Template): Variable[] {
	const found: Variable[] = [];
	const header = find(template, 'HEADER');
	const format = header?.format?.toLowerCase();
	if (header && (format === 'image' || format === 'video' || format === 'document')) {
		found.push({ id: 'header', part: 'header', name: format, example: '', media: format });
	} else if (header?.text) {
		names(header.text).forEach((name, place) => found.push({ id: `header.${name}`, part: 'header', name, example: example(header, 'header', name, place) }));
	}
	const body = find(template, 'BODY');
	if (body?.text) names(body.text).forEach((name, place) => found.push({ id: `body.${name}`, part: 'body', name, example: example(body, 'body', name, place) }));
	find(template, 'BUTTONS')?.buttons?.forEach((button, index) => {
		const kind = button.type.toUpperCase();
		if (kind === 'URL' && names(button.url ?? '').length > 0) found.push({ id: `button.${index}`, part: 'button', name: button.text ?? '', index, example: '', button: 'url' });
		if (kind === 'COPY_CODE') found.push({ id: `button.${index}`, part: 'button', name: button.text ?? '', index, example: '', button: 'copy_code' });
	});
	return found;
}

/** What is posted as `template`. A file's value is the id of its upload. */
export function toSend(template: Template, values: Record<string, string>): Record<string, unknown> {
	const all = variables(template);
	const components: Record<string, unknown>[] = [];
	const parameter = (variable: Variable) => {
		const value = values[variable.id] ?? '';
		if (variable.media) return { type: variable.media, [variable.media]: { id: value } };
		const named = /^\d+$/.test(variable.name) ? {} : { parameter_name: variable.name };
		return { type: 'text', ...named, text: value };
	};
	for (const part of ['header', 'body'] as const) {
		const parameters = all.filter((variable) => variable.part === part).map(parameter);
		if (parameters.length > 0) components.push({ type: part, parameters });
	}
	for (const variable of all.filter((one) => one.part === 'button')) {
		const value = values[variable.id] ?? '';
		const given = variable.button === 'copy_code' ? { type: 'coupon_code', coupon_code: value } : { type: 'text', text: value };
		components.push({ type: 'button', sub_type: variable.button, index: String(variable.index), parameters: [given] });
	}
	return { name: template.name, language: { code: template.language }, ...(components.length > 0 ? { components } : {}) };
}

export interface TemplateText {
	header: string;
	body: string;
	footer: string;
	buttons: string[];
	media: string | null;
}

/** How it reads. A value that is missing stays as its mark. */
export function read(template: Template, values: Record<string, string>): TemplateText {
	const put = (source: string, part: string) => source.replace(/\{\{\s*(\w+)\s*\}\}/g, (mark, name: string) => values[`${part}.${name}`] || mark);
	const header = find(template, 'HEADER');
	return {
		header: put(header?.text ?? '', 'header'),
		body: put(find(template, 'BODY')?.text ?? '', 'body'),
		footer: find(template, 'FOOTER')?.text ?? '',
		buttons: (find(template, 'BUTTONS')?.buttons ?? []).map((button) => button.text ?? button.type),
		media: header?.format && header.format.toUpperCase() !== 'TEXT' ? header.format.toLowerCase() : null
	};
}

/** The values in a template that was sent, by the names of its variables. */
export function valuesOf(sent: Record<string, unknown>): Record<string, string> {
	const values: Record<string, string> = {};
	for (const component of list(sent.components)) {
		const part = text(component.type).toLowerCase();
		list(component.parameters).forEach((parameter, place) => {
			const value = text(parameter.text) || text(object(parameter.currency).fallback_value) || text(object(parameter.date_time).fallback_value) || text(parameter.coupon_code);
			const id = part === 'button' ? `button.${text(component.index)}` : `${part}.${text(parameter.parameter_name) || place + 1}`;
			values[id] = value;
		});
	}
	return values;
}
