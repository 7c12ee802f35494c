// A rule as a form, from and to its JSON. Pure.
import { list, object, text, type Json } from '$lib/data/json';
import { slotsOf, type Slot } from '$lib/templates/preview';
import { isNumber } from '$lib/templates/variables';
import { short } from './paths';
import type { Rule } from './types';

export const OPERATIONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'contains', 'in', 'exists', 'missing'] as const;
export type Operation = (typeof OPERATIONS)[number];
export const FORMATS = ['text', 'money', 'number', 'date', 'time', 'datetime', 'upper', 'lower'] as const;
export type FormatKind = (typeof FORMATS)[number];
export const STYLES = ['short', 'medium', 'long', 'full'] as const;
export const UNITS = { minutes: 60, hours: 3600, days: 86_400 } as const;
export type Unit = keyof typeof UNITS;

/** Where one value comes from, and how it is shown. */
export interface Source {
	from: 'path' | 'text';
	value: string;
	format: FormatKind;
	currency: string;
	currencyPath: string;
	decimals: string;
	style: string;
	zone: string;
	orText: boolean;
	ifMissing: string;
}
export interface ConditionForm {
	key: number;
	path: string;
	op: Operation;
	value: string;
}
export interface RuleForm {
	name: string;
	eventType: string;
	enabled: boolean;
	conditions: ConditionForm[];
	recipient: { from: 'path' | 'phone'; path: string; phone: string; namePath: string; country: string };
	template: string;
	language: { from: 'tenant' | 'path' | 'is'; path: string; is: string };
	/** With commas between them. */
	fallbackLanguages: string;
	fallbackTemplate: string;
	/** Of the fallback: what this form does not show. */
	fallbackRest: Json;
	/** By the name or number of the variable. */
	header: Record<string, Source>;
	media: { from: 'path' | 'link'; linkPath: string; link: string; filenamePath: string; filename: string };
	body: Record<string, Source>;
	/** By the place of the button. */
	buttons: Record<string, Source>;
	quietHours: 'respect' | 'ignore';
	ignoreOptOut: boolean;
	schedule: { on: boolean; path: string; amount: string; unit: Unit; before: boolean; notIfPast: boolean };
	keyPath: string;
	cancelledBy: { key: number; eventType: string; keyPath: string }[];
	batch: string;
}

let keys = 0;
export const nextKey = (): number => (keys += 1);
export const newSource = (): Source => ({ from: 'path', value: '', format: 'text', currency: '', currencyPath: '', decimals: '', style: 'long', zone: '', orText: false, ifMissing: '' });

export const newRule = (): RuleForm => ({
	name: '',
	eventType: '',
	enabled: true,
	conditions: [],
	recipient: { from: 'path', path: '', phone: '', namePath: '', country: '' },
	template: '',
	language: { from: 'tenant', path: '', is: '' },
	fallbackLanguages: '',
	fallbackTemplate: '',
	fallbackRest: {},
	header: {},
	media: { from: 'path', linkPath: '', link: '', filenamePath: '', filename: '' },
	body: {},
	buttons: {},
	quietHours: 'respect',
	ignoreOptOut: false,
	schedule: { on: false, path: '', amount: '24', unit: 'hours', before: true, notIfPast: true },
	keyPath: '',
	cancelledBy: [],
	batch: ''
});

/** What a rule has to fill of a template. */
export interface Needs {
	header: string[];
	/** `image`, `video`, `document`: the header is a file. */
	media: string | null;
	body: string[];
	buttons: { index: number; name: string }[];
	/** What rules cannot fill: cards, the end of an offer. */
	others: Slot[];
}
const files = ['image', 'video', 'document'];
const byNumber = (names: string[]) => (names.every(isNumber) ? [...names].sort((a, b) => Number(a) - Number(b)) : names);

export function needsOf(template: { components?: unknown; parameter_format?: string | null } | null | undefined): Needs {
	const slots = template ? slotsOf(template) : [];
	const own = slots.filter((slot) => slot.card === null);
	return {
		header: byNumber(own.filter((slot) => slot.part === 'header' && slot.kind === 'text').map(({ name }) => name)),
		media: own.find((slot) => slot.part === 'header' && files.includes(slot.kind))?.kind ?? null,
		body: byNumber(own.filter((slot) => slot.part === 'body').map(({ name }) => name)),
		buttons: own.filter((slot) => slot.part === 'button').map(({ index, name }) => ({ index, name })),
		others: slots.filter((slot) => slot.card !== null || slot.part === 'offer' || slot.kind === 'location' || slot.kind === 'product' || slot.kind === 'gif')
	};
}

/** Makes a place for every value that the template needs; what is there stays. */
export function makeRoom(form: RuleForm, needs: Needs): void {
	for (const name of needs.header) form.header[name] ??= newSource();
	for (const name of needs.body) form.body[name] ??= newSource();
	for (const { index } of needs.buttons) form.buttons[String(index)] ??= newSource();
}

const number = (value: string): number | null => (value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null);
const set = (json: Json, name: string, value: string): void => {
	if (value.trim()) json[name] = value.trim();
};

function parameter(source: Source): Json {
	const json: Json = source.from === 'path' ? { path: source.value.trim() } : { text: source.value };
	const { format } = source;
	if (format !== 'text') {
		const how: Json = { kind: format };
		if (format === 'money') {
			set(how, 'currency', source.currency.toUpperCase());
			set(how, 'currency_path', source.currencyPath);
		}
		const decimals = number(source.decimals);
		if ((format === 'money' || format === 'number') && decimals !== null) how.decimals = decimals;
		if ((format === 'date' || format === 'datetime') && source.style && source.style !== 'long') how.style = source.style;
		if (format === 'date' || format === 'time' || format === 'datetime') set(how, 'time_zone', source.zone);
		if (source.orText && format !== 'upper' && format !== 'lower') how.or_text = true;
		json.format = how;
	}
	if (source.from === 'path') set(json, 'if_missing', source.ifMissing);
	return json;
}

function texts(sources: Record<string, Source>, names: string[]): Json | Json[] {
	const filled = names.map((name) => [name, parameter(sources[name] ?? newSource())] as const);
	return names.every(isNumber) ? filled.map(([, one]) => one) : Object.fromEntries(filled);
}

/** A value to compare with, as JSON means it: numbers and yes or no are themselves, the rest is text. */
export function compared(op: Operation, value: string): unknown {
	const one = (given: string): unknown => {
		const trimmed = given.trim();
		if (/^".*"$/.test(trimmed)) return trimmed.slice(1, -1);
		if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
		return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
	};
	return op === 'in' ? value.split(',').map(one).filter((each) => each !== '') : one(value);
}
const shown = (value: unknown): string => (Array.isArray(value) ? value.map(shown).join(', ') : typeof value === 'string' ? (compared('eq', value) === value ? value : `"${value}"`) : value === null || value === undefined ? '' : String(value));

/** The rule as the API takes it. Only what the template needs is in it. */
export function jsonOf(form: RuleForm, needs: Needs): Json {
	const rule: Json = { name: form.name.trim(), event_type: form.eventType.trim(), enabled: form.enabled };
	if (form.conditions.length > 0) rule.conditions = form.conditions.map(({ path, op, value }) => ({ path: path.trim(), op, ...(op === 'exists' || op === 'missing' ? {} : { value: compared(op, value) }) }));
	const recipient: Json = {};
	set(recipient, form.recipient.from, form.recipient[form.recipient.from]);
	set(recipient, 'name_path', form.recipient.namePath);
	set(recipient, 'country', form.recipient.country);
	rule.recipient = recipient;
	const language: Json = form.language.from === 'tenant' ? { tenant: true } : {};
	if (form.language.from !== 'tenant') set(language, form.language.from, form.language[form.language.from]);
	const fallbacks = form.fallbackLanguages.split(/[\s,]+/).filter(Boolean);
	rule.template = { name: form.template, language, ...(fallbacks.length > 0 ? { fallback_languages: fallbacks } : {}) };
	if (form.fallbackTemplate) rule.fallback_template = { ...form.fallbackRest, name: form.fallbackTemplate };
	const parameters: Json = {};
	if (needs.media) {
		const media: Json = {};
		if (form.media.from === 'path') set(media, 'link_path', form.media.linkPath);
		else set(media, 'link', form.media.link);
		if (needs.media === 'document') {
			if (form.media.filenamePath.trim()) set(media, 'filename_path', form.media.filenamePath);
			else set(media, 'filename', form.media.filename);
		}
		parameters.header = media;
	} else if (needs.header.length > 0) parameters.header = texts(form.header, needs.header);
	if (needs.body.length > 0) parameters.body = texts(form.body, needs.body);
	if (needs.buttons.length > 0) parameters.buttons = needs.buttons.map(({ index }) => ({ index, ...parameter(form.buttons[String(index)] ?? newSource()) }));
	rule.parameters = parameters;
	rule.quiet_hours = form.quietHours;
	rule.ignore_opt_out = form.ignoreOptOut;
	if (form.schedule.on) {
		const amount = (number(form.schedule.amount) ?? 0) * UNITS[form.schedule.unit];
		rule.schedule = { at_path: form.schedule.path.trim(), offset_seconds: Math.round(form.schedule.before ? -amount : amount) || 0, not_if_past: form.schedule.notIfPast };
		if (form.cancelledBy.length > 0) rule.cancelled_by = form.cancelledBy.map(({ eventType, keyPath }) => ({ event_type: eventType.trim(), key_path: keyPath.trim() }));
	}
	set(rule, 'key_path', form.keyPath);
	set(rule, 'batch', form.batch);
	return rule;
}

function sourceOf(given: Json): Source {
	const source = newSource();
	source.from = typeof given.text === 'string' ? 'text' : 'path';
	source.value = source.from === 'text' ? text(given.text) : short(text(given.path));
	source.ifMissing = text(given.if_missing);
	const format = object(given.format);
	source.format = FORMATS.find((kind) => kind === format.kind) ?? 'text';
	source.currency = text(format.currency);
	source.currencyPath = short(text(format.currency_path));
	source.decimals = text(format.decimals);
	source.style = text(format.style) || 'long';
	source.zone = text(format.time_zone);
	source.orText = format.or_text === true;
	return source;
}
const sourcesOf = (given: unknown): Record<string, Source> =>
	Array.isArray(given) ? Object.fromEntries(list(given).map((one, place) => [String(place + 1), sourceOf(one)])) : Object.fromEntries(Object.entries(object(given)).map(([name, one]) => [name, sourceOf(object(one))]));

function scheduleOf(given: Json): RuleForm['schedule'] {
	const offset = Number(given.offset_seconds ?? 0);
	const unit = (['days', 'hours', 'minutes'] as const).find((one) => offset !== 0 && Math.abs(offset) % UNITS[one] === 0) ?? 'minutes';
	return { on: true, path: short(text(given.at_path)), amount: String(Math.abs(offset) / UNITS[unit]), unit, before: offset <= 0, notIfPast: given.not_if_past !== false };
}

export function formOf(given: object): RuleForm {
	const rule = given as Json;
	const form = newRule();
	form.name = text(rule.name);
	form.eventType = text(rule.event_type);
	form.enabled = rule.enabled !== false;
	form.conditions = list(rule.conditions).map((one) => ({ key: nextKey(), path: short(text(one.path)), op: OPERATIONS.find((op) => op === one.op) ?? 'eq', value: shown(one.value) }));
	const recipient = object(rule.recipient);
	form.recipient = { from: recipient.phone ? 'phone' : 'path', path: short(text(recipient.path)), phone: text(recipient.phone), namePath: short(text(recipient.name_path)), country: text(recipient.country) };
	const template = object(rule.template);
	const language = object(template.language);
	form.template = text(template.name);
	form.language = { from: language.path ? 'path' : language.is ? 'is' : 'tenant', path: short(text(language.path)), is: text(language.is) };
	form.fallbackLanguages = Array.isArray(template.fallback_languages) ? template.fallback_languages.join(', ') : '';
	const { name: fallback, ...rest } = object(rule.fallback_template);
	form.fallbackTemplate = text(fallback);
	form.fallbackRest = rest;
	const parameters = object(rule.parameters);
	const header = object(parameters.header);
	if (!Array.isArray(parameters.header) && ['link', 'link_path', 'filename', 'filename_path'].some((name) => typeof header[name] === 'string')) {
		form.media = { from: header.link ? 'link' : 'path', linkPath: short(text(header.link_path)), link: text(header.link), filenamePath: short(text(header.filename_path)), filename: text(header.filename) };
	} else form.header = sourcesOf(parameters.header);
	form.body = sourcesOf(parameters.body);
	form.buttons = Object.fromEntries(list(parameters.buttons).map((one) => [String(one.index), sourceOf(one)]));
	form.quietHours = rule.quiet_hours === 'ignore' ? 'ignore' : 'respect';
	form.ignoreOptOut = rule.ignore_opt_out === true;
	if (rule.schedule) form.schedule = scheduleOf(object(rule.schedule));
	form.keyPath = short(text(rule.key_path));
	form.cancelledBy = list(rule.cancelled_by).map((one) => ({ key: nextKey(), eventType: text(one.event_type), keyPath: short(text(one.key_path)) }));
	form.batch = text(rule.batch);
	return form;
}

/** Whether a rule sends a template, first or as its fallback. */
export const namesTemplate = (rule: Pick<Rule, 'template' | 'fallback_template'>, name: string): boolean => name !== '' && (rule.template.name === name || rule.fallback_template?.name === name);

export interface Flaw {
	field: string;
	problem: string;
}
/** `parameters.body[1].path` as `parameters.body.1.path`. */
const plainField = (field: string) => field.replace(/^rule\./, '').replace(/\[(\d+)\]/g, '.$1');

/** What is wrong at a place or below; `exact` only there. */
export function flawAt(flaws: readonly Flaw[], place: string, exact = false): string | null {
	const found = flaws.filter(({ field }) => plainField(field) === place || (!exact && plainField(field).startsWith(`${place}.`)));
	return found.length > 0 ? [...new Set(found.map(({ problem }) => problem))].join(' ') : null;
}
/** The place of a variable in the rule: numbered ones stand in a list. */
export const placeOf = (part: 'header' | 'body', name: string): string => `parameters.${part}.${isNumber(name) ? Number(name) - 1 : name}`;
export const elsewhere = (flaws: readonly Flaw[], places: readonly string[]): Flaw[] => flaws.filter(({ field }) => !places.some((place) => plainField(field) === place || plainField(field).startsWith(`${place}.`)));
