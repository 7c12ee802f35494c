import { describe, expect, test } from 'vitest';
import { at, pathsIn, readSample, short } from './paths';
import { compared, elsewhere, flawAt, formOf, jsonOf, makeRoom, needsOf, newRule, placeOf } from './rule';
import { MESSAGE_FAILED, narrowTo, rowName, rowTone } from './states';
import type { EventRow } from './types';

const data = { supplier: { name: 'Harinas Goiko', phone: '+34 612 345 678' }, order: { number: 'PO-1042', total: 120.5, lines: [{ sku: 'a' }, { sku: 'b' }], 'due-date': '2026-12-01', paid: false, note: null } };

describe('paths into an event', () => {
	test('every plain value is found with its path', () => {
		expect(pathsIn({ data })).toEqual([
			{ path: 'data.supplier.name', value: 'Harinas Goiko' },
			{ path: 'data.supplier.phone', value: '+34 612 345 678' },
			{ path: 'data.order.number', value: 'PO-1042' },
			{ path: 'data.order.total', value: '120.5' },
			{ path: 'data.order.lines[0].sku', value: 'a' },
			{ path: "data.order['due-date']", value: '2026-12-01' },
			{ path: 'data.order.paid', value: 'false' }
		]);
	});
	test('each that is offered leads back to its value', () => {
		const odd = { ...data, "the buyer's name": 'Ana', '1st': 'x', 'a\\b': 'y' };
		expect(pathsIn({ data: odd })).toHaveLength(10);
		for (const { path, value } of pathsIn({ data: odd })) expect(at({ data: odd }, path)).toBe(value);
	});
	test('nothing, null, an object and a list are not values', () => {
		for (const path of ['data.order.gone', 'data.order.note', 'data.order', 'data.order.lines']) expect(at({ data }, path)).toBeNull();
	});
	test('the dollar sign may be there or not', () => {
		expect(short('$.data.order.total')).toBe('data.order.total');
		expect(at({ data }, '$.data.order.number')).toBe('PO-1042');
	});
	test('a sample is an object, or a whole event', () => {
		expect(readSample('{"a":1}')).toEqual({ data: { a: 1 } });
		expect(readSample('{"type":"x.y","id":"1","data":{"a":1}}')).toEqual({ data: { a: 1 } });
		expect(readSample('[1]')).toEqual({ wrong: 'object' });
		expect(readSample('{')).toHaveProperty('wrong');
	});
});

const template = {
	name: 'po_notification',
	parameter_format: 'NAMED',
	components: [
		{ type: 'HEADER', format: 'DOCUMENT' },
		{ type: 'BODY', text: 'Hola {{supplier}}, orden {{number}} por {{total}}.' },
		{ type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Sí' }, { type: 'URL', text: 'Ver', url: 'https://x.example/{{1}}' }] }
	]
};
const rule = {
	name: 'Purchase orders',
	event_type: 'purchase_order.created',
	enabled: true,
	conditions: [{ path: 'data.order.total', op: 'gte', value: 100 }, { path: 'data.order.kind', op: 'in', value: ['a', 2, true] }, { path: 'data.order.code', op: 'eq', value: '007' }, { path: 'data.order.ref', op: 'eq', value: '12' }, { path: 'data.supplier.phone', op: 'exists' }],
	recipient: { path: 'data.supplier.phone', name_path: 'data.supplier.name', country: 'ES' },
	template: { name: 'po_notification', language: { path: 'data.supplier.language' }, fallback_languages: ['es', 'en'] },
	fallback_template: { name: 'po_short', language: { is: 'es' } },
	parameters: {
		header: { link_path: 'data.pdf', filename_path: 'data.pdf_name' },
		body: { supplier: { path: 'data.supplier.name', if_missing: 'proveedor' }, number: { path: 'data.order.number', format: { kind: 'upper' } }, total: { path: 'data.order.total', format: { kind: 'money', currency: 'EUR', decimals: 2, or_text: true } } },
		buttons: [{ index: 1, path: 'data.order.number' }]
	},
	quiet_hours: 'ignore',
	ignore_opt_out: true,
	schedule: { at_path: 'data.order.due', offset_seconds: -86_400, not_if_past: false },
	key_path: 'data.order.number',
	cancelled_by: [{ event_type: 'purchase_order.cancelled', key_path: 'data.order.number' }],
	batch: 'orders'
};

describe('a rule as a form', () => {
	test('gives back the rule that it was read from', () => {
		expect(jsonOf(formOf(rule), needsOf(template))).toEqual(rule);
	});
	test('numbered variables go in the order of their numbers', () => {
		const numbered = { parameter_format: 'POSITIONAL', components: [{ type: 'BODY', text: 'Son {{2}} para {{1}}.' }] };
		const body = [{ path: 'data.name' }, { path: 'data.total', format: { kind: 'number', decimals: 0 } }];
		const json = jsonOf(formOf({ ...rule, parameters: { body } }), needsOf(numbered));
		expect(json.parameters).toEqual({ body });
	});
	test('only what the template needs is in it', () => {
		const plain = { components: [{ type: 'BODY', text: 'Hola.' }] };
		expect(jsonOf(formOf(rule), needsOf(plain)).parameters).toEqual({});
	});
	test('another template keeps what is there and gets room for the rest', () => {
		const form = formOf(rule);
		makeRoom(form, needsOf({ components: [{ type: 'BODY', text: 'Hola {{supplier}}, {{city}}.' }] }));
		expect(form.body.supplier?.value).toBe('data.supplier.name');
		expect(form.body.city?.value).toBe('');
	});
	test('what is compared with keeps its kind', () => {
		expect(compared('eq', '100')).toBe(100);
		expect(compared('eq', '"100"')).toBe('100');
		expect(compared('eq', 'true')).toBe(true);
		expect(compared('eq', '007')).toBe('007');
		expect(compared('in', 'a, 2, ')).toEqual(['a', 2]);
	});
	test('a reminder after the date and one at it are read as such', () => {
		const again = (offset_seconds: number) => (jsonOf(formOf({ ...rule, schedule: { at_path: 'data.at', offset_seconds } }), needsOf(template)).schedule as { offset_seconds: number }).offset_seconds;
		for (const offset of [3600, 0, -90 * 60, 7 * 86_400]) expect(again(offset)).toBe(offset);
	});
	test('an empty form asks for nothing that was not chosen', () => {
		expect(jsonOf(newRule(), needsOf(null))).toEqual({ name: '', event_type: '', enabled: true, recipient: {}, template: { name: '', language: { tenant: true } }, parameters: {}, quiet_hours: 'respect', ignore_opt_out: false });
	});
	test('what rules cannot fill is told', () => {
		expect(needsOf({ components: [{ type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'x', has_expiration: true } }] }).others).toHaveLength(1);
	});
});

describe('what is wrong with a rule', () => {
	const flaws = [{ field: 'parameters.body[1].path', problem: 'finds an object' }, { field: 'recipient', problem: 'is missing' }, { field: 'parameters.body.total.format.currency', problem: 'is missing' }];
	test('stands at its field', () => {
		expect(flawAt(flaws, placeOf('body', '2'))).toBe('finds an object');
		expect(flawAt(flaws, placeOf('body', 'total'))).toBe('is missing');
		expect(flawAt(flaws, 'recipient')).toBe('is missing');
		expect(flawAt(flaws, 'template')).toBeNull();
		expect(flawAt(flaws, 'parameters.body', true)).toBeNull();
	});
	test('or is told as a whole', () => expect(elsewhere(flaws, ['parameters.body']).map(({ field }) => field)).toEqual(['recipient']));
});

describe('an event in the list', () => {
	const row = (state: string, failed_messages: number) => ({ id: 'ev_1', event_id: '1', type: 'a.b', state, received_at: '', failed_messages }) as EventRow;
	test('is red where its message did not arrive, whatever its rule did', () => {
		expect(rowTone(row('sent', 0))).toBe('ok');
		expect(rowTone(row('sent', 1))).toBe('bad');
		expect(rowName(row('sent', 1))).not.toBe(rowName(row('sent', 0)));
		expect(rowTone(row('held', 1))).toBe('warn');
	});
	test('is looked for by what became of its message in another member', () => {
		expect(narrowTo({ type: 'a.b', state: MESSAGE_FAILED })).toEqual({ type: 'a.b', message_failed: true });
		expect(narrowTo({ state: 'held' })).toEqual({ state: 'held' });
		expect(narrowTo({ q: 'x' })).toEqual({ q: 'x' });
	});
});
