// How a template reads on a phone: its parts with the values filled in. Pure.
import { list, object, text, type Json } from '$lib/data/json';
import { draftOf } from './draft';
import { isNumber, namesIn, put } from './variables';

export interface PhoneButton {
	kind: string;
	text: string;
	url?: string;
}
export interface PhoneCard {
	media: string;
	/** A picture that is on this side. */
	picture?: string;
	body: string;
	buttons: PhoneButton[];
}
/** What the phone shows. */
export interface PhoneText {
	header: { kind: string; text: string; file?: string; picture?: string } | null;
	offer: { text: string; expires: boolean } | null;
	body: string;
	/** The fixed text of a one-time code, by what is in it. */
	otp: { advice: boolean; minutes: string; code: string } | null;
	footer: string;
	buttons: PhoneButton[];
	cards: PhoneCard[];
	callPermission: boolean;
}

const upper = (value: unknown) => text(value).toUpperCase();

/** The values of the examples, as `header.1`, `body.name`, `card.0.1`, `button.0`. */
export function examplesOf(given: { components?: unknown; parameter_format?: string | null }): Record<string, string> {
	const values = { ...draftOf(given).examples };
	list(given.components).forEach((component) => {
		if (upper(component.type) === 'BUTTONS') list(component.buttons).forEach((button, place) => (values[`button.${place}`] = example(button)));
	});
	return values;
}

const example = (button: Json): string => text(Array.isArray(button.example) ? button.example[0] : button.example);

function buttonsOf(component: Json, values: Record<string, string>, prefix: string): PhoneButton[] {
	return list(component.buttons).map((button, place) => {
		const kind = upper(button.otp_type) ? `OTP_${upper(button.otp_type)}` : upper(button.type);
		const value = values[`${prefix}${place}`] || example(button);
		// Meta takes an example as the whole address too.
		const url = text(button.url) && (/^https?:/.test(value) ? value : put(text(button.url), () => value));
		return { kind, text: text(button.text), ...(url ? { url } : {}) };
	});
}

/** A template's components as a phone shows them. A value that is missing stays as its mark. */
export function phoneText(components: unknown, values: Record<string, string>, pictures: Record<string, string> = {}): PhoneText {
	const shown: PhoneText = { header: null, offer: null, body: '', otp: null, footer: '', buttons: [], cards: [], callPermission: false };
	for (const component of list(components)) {
		const type = upper(component.type);
		if (type === 'HEADER') {
			const kind = upper(component.format) || 'TEXT';
			shown.header = { kind, text: put(text(component.text), (name) => values[`header.${name}`]), file: values['header.file'], picture: pictures.header };
		} else if (type === 'BODY') {
			if ('add_security_recommendation' in component && !text(component.text)) shown.otp = { advice: component.add_security_recommendation === true, minutes: '', code: values['body.1'] || '123456' };
			shown.body = put(text(component.text), (name) => values[`body.${name}`]);
		} else if (type === 'FOOTER') {
			shown.footer = text(component.text);
			if (shown.otp && component.code_expiration_minutes !== undefined) shown.otp.minutes = text(component.code_expiration_minutes);
		} else if (type === 'BUTTONS') shown.buttons = buttonsOf(component, values, 'button.');
		else if (type === 'LIMITED_TIME_OFFER') {
			const offer = object(component.limited_time_offer);
			shown.offer = { text: text(offer.text), expires: offer.has_expiration !== false };
		} else if (type === 'CALL_PERMISSION_REQUEST') shown.callPermission = true;
		else if (type === 'CAROUSEL') shown.cards = list(component.cards).map((card, place) => phoneCard(card, place, values, pictures));
	}
	return shown;
}

function phoneCard(given: Json, place: number, values: Record<string, string>, pictures: Record<string, string>): PhoneCard {
	const card: PhoneCard = { media: 'IMAGE', picture: pictures[`card.${place}`], body: '', buttons: [] };
	for (const component of list(given.components)) {
		const type = upper(component.type);
		if (type === 'HEADER') card.media = upper(component.format);
		else if (type === 'BODY') card.body = put(text(component.text), (name) => values[`card.${place}.${name}`]);
		else if (type === 'BUTTONS') card.buttons = buttonsOf(component, values, `card.${place}.button.`);
	}
	return card;
}

/** A value that has to be filled in before a template can be sent. */
export interface Slot {
	id: string;
	part: 'header' | 'body' | 'button' | 'offer';
	/** Of a card: its place. */
	card: number | null;
	/** The name or number of a variable, the text of a button. */
	name: string;
	/** Of a button: its place. */
	index: number;
	kind: 'text' | 'image' | 'video' | 'document' | 'gif' | 'location' | 'product' | 'code' | 'url' | 'otp' | 'until' | 'flow' | 'catalog';
	example: string;
}

/** Everything that a template needs, in the order in which it is read. */
export function slotsOf(given: { components?: unknown; parameter_format?: string | null }): Slot[] {
	const examples = examplesOf(given);
	return readSlots(list(given.components), null, examples);
}

function readSlots(components: Json[], card: number | null, examples: Record<string, string>): Slot[] {
	const slots: Slot[] = [];
	const before = card === null ? '' : `card.${card}.`;
	const add = (slot: Omit<Slot, 'id' | 'card' | 'example' | 'index'> & { id: string; example?: string; index?: number }) => slots.push({ card, example: '', index: 0, ...slot, id: before + slot.id });
	for (const component of components) {
		const type = upper(component.type);
		if (type === 'HEADER') {
			const format = upper(component.format) || 'TEXT';
			if (format === 'TEXT') for (const name of namesIn(text(component.text))) add({ id: `header.${name}`, part: 'header', name, kind: 'text', example: examples[`header.${name}`] });
			else add({ id: 'header', part: 'header', name: format, kind: format.toLowerCase() as Slot['kind'] });
		} else if (type === 'BODY') {
			const otp = card === null && 'add_security_recommendation' in component && namesIn(text(component.text)).length === 0;
			const names = otp ? ['1'] : namesIn(text(component.text));
			for (const name of names) add({ id: card === null ? `body.${name}` : name, part: 'body', name, kind: otp ? 'otp' : 'text', example: otp ? '123456' : examples[card === null ? `body.${name}` : `card.${card}.${name}`] });
		} else if (type === 'LIMITED_TIME_OFFER' && object(component.limited_time_offer).has_expiration !== false) add({ id: 'offer', part: 'offer', name: '', kind: 'until' });
		else if (type === 'BUTTONS') {
			list(component.buttons).forEach((button, index) => {
				const kind = upper(button.type);
				const common = { id: `button.${index}`, part: 'button' as const, name: text(button.text), index, example: example(button) };
				if (kind === 'URL' && namesIn(text(button.url)).length > 0) add({ ...common, kind: upper(button.otp_type) ? 'otp' : 'url' });
				else if (kind === 'COPY_CODE') add({ ...common, kind: 'code' });
				else if (kind === 'OTP') add({ ...common, kind: 'otp' });
			});
		} else if (type === 'CAROUSEL') list(component.cards).forEach((one, place) => slots.push(...readSlots(list(one.components), place, examples)));
	}
	return slots;
}

/** Sorts positional values by their numbers, as Meta reads them. */
const inOrder = (slots: Slot[]): Slot[] => [...slots].sort((a, b) => (isNumber(a.name) && isNumber(b.name) ? Number(a.name) - Number(b.name) : 0));

/** The `components` of a message. A file's value is its id here. The code of a one-time password is typed once. */
export function filled(given: { components?: unknown; parameter_format?: string | null }, values: Record<string, string>): Json[] {
	const slots = slotsOf(given);
	const parts = componentsFor(slots.filter((slot) => slot.card === null), values);
	const cards = [...new Set(slots.map((slot) => slot.card).filter((card) => card !== null))];
	if (cards.length > 0) parts.push({ type: 'carousel', cards: cards.map((card) => ({ card_index: card, components: componentsFor(slots.filter((slot) => slot.card === card), values) })) });
	return parts;
}

function componentsFor(slots: Slot[], values: Record<string, string>): Json[] {
	const parts: Json[] = [];
	for (const part of ['header', 'offer', 'body'] as const) {
		const own = inOrder(slots.filter((slot) => slot.part === part));
		if (own.length > 0) parts.push({ type: part === 'offer' ? 'limited_time_offer' : part, parameters: own.map((slot) => parameter(slot, values[slot.id] ?? '')) });
	}
	const code = slots.find((slot) => slot.part === 'body' && slot.kind === 'otp');
	for (const slot of slots.filter((one) => one.part === 'button')) {
		const value = slot.kind === 'otp' && code ? (values[code.id] ?? '') : (values[slot.id] ?? '');
		const given = slot.kind === 'code' ? { type: 'coupon_code', coupon_code: value } : { type: 'text', text: value };
		parts.push({ type: 'button', sub_type: slot.kind === 'code' ? 'copy_code' : 'url', index: String(slot.index), parameters: [given] });
	}
	return parts;
}

function parameter(slot: Slot, value: string): Json {
	if (slot.kind === 'image' || slot.kind === 'video' || slot.kind === 'document' || slot.kind === 'gif') {
		return { type: slot.kind, [slot.kind]: /^https?:/.test(value) ? { link: value } : { id: value } };
	}
	if (slot.kind === 'until') return { type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: new Date(value).getTime() } };
	if (slot.kind === 'location') {
		const [latitude = '', longitude = '', ...name] = value.split(',').map((one) => one.trim());
		return { type: 'location', location: { latitude, longitude, name: name.join(', ') || undefined } };
	}
	if (slot.kind === 'product') {
		const [product = '', catalogue = ''] = value.split(',').map((one) => one.trim());
		return { type: 'product', product: { product_retailer_id: product, catalog_id: catalogue } };
	}
	return { type: 'text', ...(isNumber(slot.name) ? {} : { parameter_name: slot.name }), text: value };
}

/** What a person has to fill in: the code on a button is the one of the text. */
export const asked = (slots: Slot[]): Slot[] => slots.filter((slot) => !(slot.part === 'button' && slot.kind === 'otp' && slots.some((other) => other.part === 'body' && other.kind === 'otp')));
