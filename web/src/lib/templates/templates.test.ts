import { describe, expect, test } from 'vitest';
import type { Template } from '$lib/api';
import { bodyOf, changeFormat, componentsOf, draftOf, newButton, newDraft } from './draft';
import { groupsOf, matching, noFilter } from './groups';
import { directionOf } from './languages';
import { elsewhere, placeOf, problemAt, stands } from './places';
import { asked, examplesOf, filled, phoneText, slotsOf } from './preview';
import { namesIn, nextName, piecesOf, problemsOf } from './variables';

describe('the variables of a text', () => {
	test('each is found once, in the order in which it is read', () => {
		expect(namesIn('Hola {{name}}, su pedido {{ order }} de {{name}}')).toEqual(['name', 'order']);
	});
	test.each([
		['{{1}} hola', ['starts']],
		['Hola {{1}}', ['ends']],
		['Hola {{1}} {{2}} adiós', ['adjacent']],
		['Hola {{1}} y {{3}}.', ['gap']],
		['Hola {{1}} y {{name}}.', ['mixed']],
		['Hola {{1} adiós', ['open']],
		['Hola {{1}} y {{2}}.', []],
		['Hola {{1}} y otra vez {{1}}.', ['twice']],
		['Sin nada', []]
	])('numbered: %s', (text, problems) => expect(problemsOf(text, 1024, false)).toEqual(problems));
	test.each([
		['Hola {{Name}}.', ['name']],
		['Hola {{1}}.', ['mixed']],
		['Hola {{first_name}}.', []]
	])('named: %s', (text, problems) => expect(problemsOf(text, 1024, true)).toEqual(problems));
	test('length counts characters, not code units', () => {
		expect(problemsOf('🥖🥖🥖', 3, false)).toEqual([]);
		expect(problemsOf('🥖🥖🥖🥖', 3, false)).toEqual(['long']);
	});
	test('the next one is free', () => {
		expect(nextName('Hola {{1}} y {{4}}', false)).toBe('5');
		expect(nextName('Hola {{value_2}}', true)).toBe('value_3');
	});
	test('a text falls into its pieces', () => {
		expect(piecesOf('a {{b}} c').map(({ name }) => name)).toEqual([null, 'b', null]);
	});
});

const order = {
	name: 'po_notification',
	language: 'es',
	category: 'UTILITY',
	parameter_format: 'NAMED',
	components: [
		{ type: 'HEADER', format: 'DOCUMENT', example: { header_handle: ['4::abc'] } },
		{ type: 'BODY', text: 'Hola {{proveedor}}, orden {{pedido}} por {{total}}.', example: { body_text_named_params: [{ param_name: 'proveedor', example: 'Harinas Goiko' }, { param_name: 'pedido', example: 'PO-1042' }, { param_name: 'total', example: '120,50 €' }] } },
		{ type: 'FOOTER', text: 'Panadería San Juan' },
		{ type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Confirmar' }, { type: 'URL', text: 'Ver', url: 'https://pedidos.example/{{1}}', example: ['PO-1042'] }, { type: 'NEW_AT_META', text: 'x', other: 1 }] },
		{ type: 'TAP_TARGET', anything: true }
	]
};
const carousel = {
	name: 'offers',
	language: 'en',
	category: 'MARKETING',
	parameter_format: 'POSITIONAL',
	components: [
		{ type: 'BODY', text: 'Hi {{1}}, look.', example: { body_text: [['Ada']] } },
		{
			type: 'CAROUSEL',
			cards: [
				{ components: [{ type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::1'] } }, { type: 'BODY', text: 'Only {{1}} left.', example: { body_text: [['3']] } }, { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Buy' }] }] },
				{ components: [{ type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::2'] } }, { type: 'BODY', text: 'Just in.' }, { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Buy' }] }] }
			]
		}
	]
};
const code = {
	name: 'login',
	language: 'en',
	category: 'AUTHENTICATION',
	parameter_format: 'NAMED',
	components: [
		{ type: 'BODY', add_security_recommendation: true },
		{ type: 'FOOTER', code_expiration_minutes: 5 },
		{ type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'ONE_TAP', autofill_text: 'Fill', supported_apps: [{ package_name: 'com.example', signature_hash: 'abcdefghijk' }] }] }
	]
};
const offer = {
	name: 'sale',
	language: 'en',
	category: 'MARKETING',
	parameter_format: 'NAMED',
	components: [
		{ type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::1'] } },
		{ type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'Ends soon', has_expiration: true } },
		{ type: 'BODY', text: 'Everything at half price.' },
		{ type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', example: 'HALF' }, { type: 'URL', text: 'Shop', url: 'https://shop.example' }] }
	]
};

describe('a draft', () => {
	test.each([order, carousel, code, offer])('of $name gives back what it was read from', (template) => {
		expect(bodyOf(draftOf(template))).toEqual(template);
	});
	test('of a positional template gives Meta its examples in the order of their numbers', () => {
		const draft = newDraft('es');
		draft.named = false;
		draft.body = 'Son {{2}} para {{1}}.';
		draft.examples = { 'body.1': 'Ana', 'body.2': '5 €' };
		expect(componentsOf(draft)).toEqual([{ type: 'BODY', text: 'Son {{2}} para {{1}}.', example: { body_text: [['Ana', '5 €']] } }]);
	});
	test('keeps its examples when variables get names or numbers', () => {
		const draft = draftOf(order);
		changeFormat(draft, false);
		expect(draft.body).toBe('Hola {{1}}, orden {{2}} por {{3}}.');
		expect(draft.examples['body.2']).toBe('PO-1042');
		changeFormat(draft, true);
		expect(draft.body).toBe('Hola {{value_1}}, orden {{value_2}} por {{value_3}}.');
		expect(draft.examples['body.value_2']).toBe('PO-1042');
	});
	test('says nothing of the time to live when none is given', () => {
		expect(bodyOf(newDraft())).not.toHaveProperty('message_send_ttl_seconds');
		const draft = newDraft();
		draft.ttl = '600';
		expect(bodyOf(draft).message_send_ttl_seconds).toBe(600);
	});
	test('a new button is empty and has a key of its own', () => {
		expect(newButton('URL').key).not.toBe(newButton('URL').key);
	});
});

describe('a place of the editor', () => {
	const { components } = order;
	test.each([
		['name', 'name'],
		['components[1].text', 'body.text'],
		['components.1.example', 'body.example'],
		['components[3].buttons[1].url', 'buttons.1.url'],
		['body', 'body'],
		['components.header', 'header'],
		['components[9]', 'components']
	])('%s is %s', (field, place) => expect(placeOf(field, components)).toBe(place));
	test('reaches into the cards', () => {
		expect(placeOf('components[1].cards[0].components[1].text', carousel.components)).toBe('cards.0.body.text');
		expect(placeOf('components[1].cards[1].components[2].buttons[0].text', carousel.components)).toBe('cards.1.buttons.0.text');
	});
	test('has what is wrong there until it is changed', () => {
		const problem = (field: string) => ({ field, problem: 'is wrong' });
		const open = (field: string, now: Record<string, unknown>[]) => stands(problem(field), components, now);
		const other = components.map((component) => (component.type === 'BODY' ? { ...component, text: 'Otro texto.' } : component));
		expect(open('components[1].text', components)).toBe(true);
		expect(open('components[1].text', other)).toBe(false);
		expect(open('components[1].example', other)).toBe(true);
		// What is missing is put into what is around it.
		expect(open('components[1].example.nothing', other)).toBe(true);
		expect(open('components[1].nothing', other)).toBe(false);
		// A part goes, the others move up.
		expect(open('components[2].text', components.slice(1))).toBe(true);
		expect(open('components[0].example.header_handle', components.slice(1))).toBe(false);
		expect(open('components[3].buttons[1].url', components)).toBe(true);
		expect(open('name', other)).toBe(true);
	});
	test('shows what is wrong there and below, and what stands nowhere', () => {
		const problems = [{ field: 'components[1].text', problem: 'ends with a variable' }, { field: 'waba_id', problem: 'no account' }];
		expect(problemAt(problems, components, 'body')).toBe('ends with a variable');
		expect(problemAt(problems, components, 'footer')).toBeNull();
		expect(elsewhere(problems, components, ['body']).map(({ field }) => field)).toEqual(['waba_id']);
	});
});

describe('how it reads', () => {
	test('examples fill the variables', () => {
		const text = phoneText(order.components, examplesOf(order));
		expect(text.body).toBe('Hola Harinas Goiko, orden PO-1042 por 120,50 €.');
		expect(text.header?.kind).toBe('DOCUMENT');
		expect(text.buttons[1]).toEqual({ kind: 'URL', text: 'Ver', url: 'https://pedidos.example/PO-1042' });
	});
	test('what has no value stays as its mark', () => expect(phoneText(order.components, {}).body).toContain('{{pedido}}'));
	test('cards have texts and buttons of their own', () => {
		const text = phoneText(carousel.components, examplesOf(carousel));
		expect(text.cards.map((card) => card.body)).toEqual(['Only 3 left.', 'Just in.']);
	});
	test('a code has its minutes', () => expect(phoneText(code.components, {}).otp).toEqual({ advice: true, minutes: '5', code: '123456' }));
	test('Arabic and Hebrew run from the right', () => {
		expect(['ar', 'ar_EG', 'he', 'ur', 'fa'].map(directionOf)).toEqual(Array(5).fill('rtl'));
		expect(directionOf('es_MX')).toBe('ltr');
	});
});

describe('what is sent', () => {
	test('named values carry their names, a button its place', () => {
		const values = { header: 'med_1', 'body.proveedor': 'Goiko', 'body.pedido': 'PO-1', 'body.total': '5 €', 'button.1': 'PO-1' };
		expect(filled(order, values)).toEqual([
			{ type: 'header', parameters: [{ type: 'document', document: { id: 'med_1' } }] },
			{ type: 'body', parameters: [{ type: 'text', parameter_name: 'proveedor', text: 'Goiko' }, { type: 'text', parameter_name: 'pedido', text: 'PO-1' }, { type: 'text', parameter_name: 'total', text: '5 €' }] },
			{ type: 'button', sub_type: 'url', index: '1', parameters: [{ type: 'text', text: 'PO-1' }] }
		]);
	});
	test('positional values go in the order of their numbers, whatever the text', () => {
		const template = { components: [{ type: 'BODY', text: 'Son {{2}} para {{1}}.' }], parameter_format: 'POSITIONAL' };
		expect(filled(template, { 'body.1': 'Ana', 'body.2': '5' })).toEqual([{ type: 'body', parameters: [{ type: 'text', text: 'Ana' }, { type: 'text', text: '5' }] }]);
	});
	test('cards are sent with their places', () => {
		const parts = filled(carousel, { 'body.1': 'Ada', 'card.0.header': 'med_1', 'card.0.1': '3', 'card.1.header': 'med_2' });
		expect(parts[1]).toEqual({
			type: 'carousel',
			cards: [
				{ card_index: 0, components: [{ type: 'header', parameters: [{ type: 'image', image: { id: 'med_1' } }] }, { type: 'body', parameters: [{ type: 'text', text: '3' }] }] },
				{ card_index: 1, components: [{ type: 'header', parameters: [{ type: 'image', image: { id: 'med_2' } }] }] }
			]
		});
	});
	test('a one-time code is asked for once and sent in the text and on the button', () => {
		expect(asked(slotsOf(code)).map(({ kind }) => kind)).toEqual(['otp']);
		expect(filled(code, { 'body.1': '9876' })).toEqual([
			{ type: 'body', parameters: [{ type: 'text', text: '9876' }] },
			{ type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '9876' }] }
		]);
	});
	test('a coupon and the end of an offer have forms of their own', () => {
		const parts = filled(offer, { header: 'https://shop.example/a.png', offer: '2026-12-01T10:00:00Z', 'button.0': 'HALF' });
		expect(parts).toContainEqual({ type: 'limited_time_offer', parameters: [{ type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: Date.UTC(2026, 11, 1, 10) } }] });
		expect(parts).toContainEqual({ type: 'header', parameters: [{ type: 'image', image: { link: 'https://shop.example/a.png' } }] });
		expect(parts).toContainEqual({ type: 'button', sub_type: 'copy_code', index: '0', parameters: [{ type: 'coupon_code', coupon_code: 'HALF' }] });
	});
});

describe('the list', () => {
	const row = (name: string, language: string, status: string, quality = '') => ({ id: `${name}.${language}`, name, language, status, quality, category: 'UTILITY', components: [{ type: 'BODY', text: 'Año nuevo' }] }) as unknown as Template;
	const rows = [row('b', 'es', 'APPROVED', 'GREEN'), row('a', 'es', 'REJECTED'), row('b', 'en', 'PENDING', 'RED')];
	test('has one row a name, with its languages and the worst quality', () => {
		const groups = groupsOf(rows);
		expect(groups.map(({ name }) => name)).toEqual(['a', 'b']);
		expect(groups[1]?.templates.map(({ language }) => language)).toEqual(['en', 'es']);
		expect(groups[1]?.quality).toBe('RED');
	});
	test('is found by its text without accents, and by what it is', () => {
		expect(matching(rows, { ...noFilter, q: 'ano' })).toHaveLength(3);
		expect(matching(rows, { ...noFilter, status: 'REJECTED' }).map(({ name }) => name)).toEqual(['a']);
		expect(matching(rows, { ...noFilter, language: 'en', q: 'b' })).toHaveLength(1);
	});
});
