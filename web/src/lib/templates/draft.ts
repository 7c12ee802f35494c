// A template while it is written: what the editor holds, from and to Meta's components. Pure.
import { list, object, text, type Json } from '$lib/data/json';
import { isNumber, namesIn } from './variables';

export type Category = 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';
export type HeaderKind = 'NONE' | 'TEXT' | 'IMAGE' | 'VIDEO' | 'GIF' | 'DOCUMENT' | 'LOCATION' | 'PRODUCT';
export type ButtonKind = 'QUICK_REPLY' | 'URL' | 'PHONE_NUMBER' | 'COPY_CODE' | 'FLOW' | 'CATALOG' | 'MPM' | 'SPM' | 'VOICE_CALL' | 'REQUEST_CONTACT_INFO' | 'ORDER_DETAILS' | 'REMINDER' | 'OTHER';
/** By which member a flow is named: Meta wants one of them and no other. */
export type FlowBy = 'flow_id' | 'flow_name' | 'flow_json';
/** What stands below the text: buttons, cards to swipe, an offer that ends, a one-time code, or asking whether one may call. */
export type Shape = 'standard' | 'carousel' | 'offer' | 'otp' | 'call';
export type OtpKind = 'COPY_CODE' | 'ONE_TAP' | 'ZERO_TAP';

export interface Header {
	kind: HeaderKind;
	text: string;
	/** Meta's name of the uploaded example. */
	handle: string;
	/** Its file name, while somebody has the editor open. */
	file: string;
}
export interface Button {
	key: number;
	kind: ButtonKind;
	text: string;
	url: string;
	/** Of a URL with a variable, and the code of a code button. */
	example: string;
	phone: string;
	flow: string;
	flowBy: FlowBy;
	screen: string;
	/** What the editor does not know stays as it is. */
	rest: Json;
}
export interface Card {
	key: number;
	header: Header;
	body: string;
	buttons: Button[];
}
export interface Otp {
	kind: OtpKind;
	text: string;
	autofill: string;
	terms: boolean;
	advice: boolean;
	/** Minutes; empty where the footer says nothing. */
	minutes: string;
	apps: { package_name: string; signature_hash: string }[];
}
export interface Draft {
	name: string;
	language: string;
	category: Category;
	named: boolean;
	shape: Shape;
	header: Header;
	body: string;
	footer: string;
	/** By `header.1`, `body.name`, `card.0.1`. */
	examples: Record<string, string>;
	buttons: Button[];
	cards: Card[];
	offer: { text: string; expires: boolean };
	otp: Otp;
	/** Seconds; empty for Meta's own. */
	ttl: string;
	/** Components that the editor does not know. */
	rest: Json[];
}

/** Headers of a template, by what it is and is for: a GIF is for marketing alone, an offer shows a picture or a video. */
export function headersFor(shape: Shape, category: Category): { kind: HeaderKind; may: boolean }[] {
	const kinds: HeaderKind[] = shape === 'offer' ? ['NONE', 'IMAGE', 'VIDEO'] : ['NONE', 'TEXT', 'IMAGE', 'VIDEO', 'GIF', 'DOCUMENT', 'LOCATION', 'PRODUCT'];
	return kinds.map((kind) => ({ kind, may: kind !== 'GIF' || category === 'MARKETING' }));
}

/** Another category: what is not for it becomes what comes nearest. */
export function changeCategory(draft: Draft, category: Category): void {
	draft.category = category;
	if (category === 'AUTHENTICATION') draft.shape = 'otp';
	else if (draft.shape === 'otp' || (category === 'UTILITY' && draft.shape === 'offer')) draft.shape = 'standard';
	// Its sample is a video already.
	if (category !== 'MARKETING' && draft.header.kind === 'GIF') draft.header.kind = 'VIDEO';
}

let keys = 0;
const key = () => (keys += 1);
const noHeader = (kind: HeaderKind = 'NONE'): Header => ({ kind, text: '', handle: '', file: '' });

export const newButton = (kind: ButtonKind): Button => ({ key: key(), kind, text: '', url: '', example: '', phone: '', flow: '', flowBy: 'flow_id', screen: '', rest: {} });
export const newCard = (): Card => ({ key: key(), header: noHeader('IMAGE'), body: '', buttons: [newButton('QUICK_REPLY')] });

export function newDraft(language = 'en'): Draft {
	return {
		name: '',
		language,
		category: 'UTILITY',
		named: true,
		shape: 'standard',
		header: noHeader(),
		body: '',
		footer: '',
		examples: {},
		buttons: [],
		cards: [newCard(), newCard()],
		offer: { text: '', expires: true },
		otp: { kind: 'COPY_CODE', text: '', autofill: '', terms: false, advice: true, minutes: '10', apps: [] },
		ttl: '',
		rest: []
	};
}

/** What the API takes. */
export interface Body {
	name: string;
	language: string;
	category: Category;
	parameter_format: 'NAMED' | 'POSITIONAL';
	components: Json[];
	message_send_ttl_seconds?: number;
}

const examplesOf = (draft: Draft, part: string, source: string) => namesIn(source).map((name) => ({ name, example: draft.examples[`${part}.${name}`] ?? '' }));

/** Numbers in their order: that is the order of Meta's examples. */
const ordered = (examples: { name: string; example: string }[]) => [...examples].sort((a, b) => (isNumber(a.name) && isNumber(b.name) ? Number(a.name) - Number(b.name) : 0));

function textExample(draft: Draft, part: 'header' | 'body', prefix: string, source: string): Json {
	const all = ordered(examplesOf(draft, prefix, source));
	if (all.length === 0) return {};
	if (draft.named) return { example: { [`${part}_text_named_params`]: all.map(({ name, example }) => ({ param_name: name, example })) } };
	const values = all.map(({ example }) => example);
	return { example: { [`${part}_text`]: part === 'body' ? [values] : values } };
}

function headerOf(draft: Draft, header: Header): Json | null {
	if (header.kind === 'NONE') return null;
	if (header.kind === 'TEXT') return { type: 'HEADER', format: 'TEXT', text: header.text, ...textExample(draft, 'header', 'header', header.text) };
	if (header.kind === 'LOCATION' || header.kind === 'PRODUCT') return { type: 'HEADER', format: header.kind };
	return { type: 'HEADER', format: header.kind, ...(header.handle ? { example: { header_handle: [header.handle] } } : {}) };
}

/** Kinds whose text is Meta's where none is given. */
const OWN_WORDS: ButtonKind[] = ['CATALOG', 'MPM', 'SPM', 'ORDER_DETAILS', 'REMINDER'];

function buttonOf(button: Button): Json {
	const { kind } = button;
	if (kind === 'OTHER') return { ...button.rest, ...('text' in button.rest ? { text: button.text } : {}) };
	if (kind === 'COPY_CODE') return { ...button.rest, type: kind, example: button.example };
	if (OWN_WORDS.includes(kind)) return { ...button.rest, type: kind, ...(button.text ? { text: button.text } : {}) };
	if (kind === 'URL') return { ...button.rest, type: kind, text: button.text, url: button.url, ...(namesIn(button.url).length > 0 ? { example: [button.example] } : {}) };
	if (kind === 'PHONE_NUMBER') return { ...button.rest, type: kind, text: button.text, phone_number: button.phone };
	if (kind === 'FLOW') {
		const flow = button.flow.trim();
		// A flow begins at its screen, unless the button says otherwise already.
		return { ...(button.screen ? { flow_action: 'navigate', navigate_screen: button.screen } : {}), ...button.rest, type: kind, text: button.text, ...(flow ? { [button.flowBy]: flow } : {}) };
	}
	return { ...button.rest, type: kind, text: button.text };
}

function otpComponents(draft: Draft): Json[] {
	const { otp } = draft;
	const button: Json = { type: 'OTP', otp_type: otp.kind, ...(otp.text ? { text: otp.text } : {}) };
	if (otp.kind !== 'COPY_CODE') {
		if (otp.autofill) button.autofill_text = otp.autofill;
		if (otp.kind === 'ZERO_TAP') button.zero_tap_terms_accepted = otp.terms;
		button.supported_apps = otp.apps;
	}
	return [
		{ type: 'BODY', add_security_recommendation: otp.advice },
		...(otp.minutes.trim() ? [{ type: 'FOOTER', code_expiration_minutes: Number(otp.minutes) }] : []),
		{ type: 'BUTTONS', buttons: [button] }
	];
}

/** The components as Meta wants them. */
export function componentsOf(draft: Draft): Json[] {
	if (draft.category === 'AUTHENTICATION') return [...otpComponents(draft), ...draft.rest];
	const parts: Json[] = [];
	const header = draft.shape === 'carousel' || draft.shape === 'call' ? null : headerOf(draft, draft.header);
	if (header) parts.push(header);
	if (draft.shape === 'offer') parts.push({ type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: draft.offer.text, has_expiration: draft.offer.expires } });
	parts.push({ type: 'BODY', text: draft.body, ...textExample(draft, 'body', 'body', draft.body) });
	if (draft.footer.trim() && draft.shape === 'standard') parts.push({ type: 'FOOTER', text: draft.footer });
	if (draft.buttons.length > 0 && (draft.shape === 'standard' || draft.shape === 'offer')) parts.push({ type: 'BUTTONS', buttons: draft.buttons.map(buttonOf) });
	if (draft.shape === 'carousel') parts.push({ type: 'CAROUSEL', cards: draft.cards.map((card, place) => ({ components: cardOf(draft, card, place) })) });
	if (draft.shape === 'call') parts.push({ type: 'CALL_PERMISSION_REQUEST' });
	return [...parts, ...draft.rest];
}

function cardOf(draft: Draft, card: Card, place: number): Json[] {
	const parts: Json[] = [];
	const header = headerOf(draft, card.header);
	if (header) parts.push(header);
	if (card.body.trim()) parts.push({ type: 'BODY', text: card.body, ...textExample(draft, 'body', `card.${place}`, card.body) });
	if (card.buttons.length > 0) parts.push({ type: 'BUTTONS', buttons: card.buttons.map(buttonOf) });
	return parts;
}

export function bodyOf(draft: Draft): Body {
	const ttl = Number(draft.ttl);
	return {
		name: draft.name.trim(),
		language: draft.language,
		category: draft.category,
		parameter_format: draft.named ? 'NAMED' : 'POSITIONAL',
		components: componentsOf(draft),
		...(draft.ttl.trim() && Number.isFinite(ttl) ? { message_send_ttl_seconds: ttl } : {})
	};
}

const KINDS: ButtonKind[] = ['QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE', 'FLOW', 'CATALOG', 'MPM', 'SPM', 'VOICE_CALL', 'REQUEST_CONTACT_INFO', 'ORDER_DETAILS', 'REMINDER'];
const FLOW_BY: FlowBy[] = ['flow_id', 'flow_name', 'flow_json'];
const upper = (value: unknown) => text(value).toUpperCase();
const first = (value: unknown) => text(Array.isArray(value) ? value[0] : value);

function readHeader(component: Json): Header {
	const format = (upper(component.format) || 'TEXT') as HeaderKind;
	const handle = first(object(component.example).header_handle);
	return { kind: format, text: text(component.text), handle, file: '' };
}

function readButton(given: Json): Button {
	const type = upper(given.type) as ButtonKind;
	const { text: _text, url: _url, phone_number: _phone, example: _example, flow_id: _id, flow_name: _name, flow_json: _json, navigate_screen: _screen, ...rest } = given;
	if (!KINDS.includes(type)) return { ...newButton('OTHER'), text: text(given.text), rest: given };
	const flowBy = FLOW_BY.find((by) => text(given[by])) ?? 'flow_id';
	// A flow that is written out as an object is no text to edit: it stays as it is.
	if (typeof given.flow_json === 'object' && given.flow_json) rest.flow_json = given.flow_json;
	return { key: key(), kind: type, text: text(given.text), url: text(given.url), example: first(given.example), phone: text(given.phone_number), flow: text(given[flowBy]), flowBy, screen: text(given.navigate_screen), rest };
}

function readExamples(into: Record<string, string>, prefix: string, part: 'header' | 'body', component: Json): void {
	const examples = object(component.example);
	for (const one of list(examples[`${part}_text_named_params`])) into[`${prefix}.${text(one.param_name)}`] = text(one.example);
	const given = examples[`${part}_text`];
	const row: unknown = Array.isArray(given) && Array.isArray(given[0]) ? given[0] : given;
	if (Array.isArray(row)) row.forEach((value, place) => (into[`${prefix}.${place + 1}`] = text(value)));
}

/** What is there of a template, for the editor. */
export interface Given {
	name?: string | null;
	language?: string | null;
	category?: string | null;
	parameter_format?: string | null;
	components?: unknown;
	ttl?: number | null;
	message_send_ttl_seconds?: number | null;
}

export function draftOf(given: Given): Draft {
	const draft = newDraft(given.language ?? 'en');
	draft.name = given.name ?? '';
	draft.category = (upper(given.category) || 'UTILITY') as Category;
	const ttl = given.ttl ?? given.message_send_ttl_seconds;
	draft.ttl = ttl ? String(ttl) : '';
	const names: string[] = [];
	for (const component of list(given.components)) {
		const type = upper(component.type);
		if (type === 'HEADER') {
			draft.header = readHeader(component);
			readExamples(draft.examples, 'header', 'header', component);
			names.push(...namesIn(draft.header.text));
		} else if (type === 'BODY') {
			draft.body = text(component.text);
			draft.otp.advice = component.add_security_recommendation !== false;
			readExamples(draft.examples, 'body', 'body', component);
			names.push(...namesIn(draft.body));
		} else if (type === 'FOOTER') {
			draft.footer = text(component.text);
			draft.otp.minutes = text(component.code_expiration_minutes);
		} else if (type === 'BUTTONS') readButtons(draft, list(component.buttons));
		else if (type === 'CAROUSEL') {
			draft.shape = 'carousel';
			draft.cards = list(component.cards).map((card, place) => readCard(draft, card, place));
		} else if (type === 'LIMITED_TIME_OFFER') {
			const offer = object(component.limited_time_offer);
			draft.shape = 'offer';
			draft.offer = { text: text(offer.text), expires: offer.has_expiration !== false };
		} else if (type === 'CALL_PERMISSION_REQUEST') draft.shape = 'call';
		else draft.rest.push(component);
	}
	if (draft.category === 'AUTHENTICATION') draft.shape = 'otp';
	draft.named = given.parameter_format ? upper(given.parameter_format) === 'NAMED' : names.length === 0 || names.some((name) => !isNumber(name));
	return draft;
}

function readButtons(draft: Draft, buttons: Json[]): void {
	const otp = buttons.find((button) => upper(button.type) === 'OTP' || text(button.otp_type));
	if (otp) {
		draft.otp.kind = (upper(otp.otp_type) || 'COPY_CODE') as OtpKind;
		draft.otp.text = text(otp.text);
		draft.otp.autofill = text(otp.autofill_text);
		draft.otp.terms = otp.zero_tap_terms_accepted === true;
		draft.otp.apps = list(otp.supported_apps).map((app) => ({ package_name: text(app.package_name), signature_hash: text(app.signature_hash) }));
	} else draft.buttons = buttons.map(readButton);
}

function readCard(draft: Draft, card: Json, place: number): Card {
	const read: Card = { key: key(), header: noHeader(), body: '', buttons: [] };
	for (const component of list(card.components)) {
		const type = upper(component.type);
		if (type === 'HEADER') read.header = readHeader(component);
		else if (type === 'BODY') {
			read.body = text(component.text);
			readExamples(draft.examples, `card.${place}`, 'body', component);
		} else if (type === 'BUTTONS') read.buttons = list(component.buttons).map(readButton);
	}
	return read;
}

/** Changes every `{{1}}` to a name and back, with its example, so that nothing has to be typed again. */
export function changeFormat(draft: Draft, named: boolean): void {
	if (draft.named === named) return;
	const renamed = (part: string, source: string): string => {
		const names = namesIn(source);
		const to = new Map(names.map((name, place) => [name, named ? (isNumber(name) ? `value_${name}` : name) : String(place + 1)]));
		const values = names.map((name) => [to.get(name) ?? name, draft.examples[`${part}.${name}`] ?? ''] as const);
		for (const name of names) delete draft.examples[`${part}.${name}`];
		for (const [name, value] of values) draft.examples[`${part}.${name}`] = value;
		return source.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => `{{${to.get(name) ?? name}}}`);
	};
	draft.header.text = renamed('header', draft.header.text);
	draft.body = renamed('body', draft.body);
	draft.cards.forEach((card, place) => (card.body = renamed(`card.${place}`, card.body)));
	draft.named = named;
}
