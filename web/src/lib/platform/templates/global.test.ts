import { expect, test } from 'vitest';
import { phoneText, examplesOf } from '$lib/templates/preview';
import { componentsOf, entriesOf, inputJson, inputsOf, wrongWith, type Input } from './library';
import { progressOf, readKey, rowKey } from './progress';

test('a roll-out counts what stands, what is wrong and all that have an account', () => {
	expect(progressOf({ approved: 7, failed: 1, rejected: 2, skipped: 4, queued: 3, total: 17 })).toEqual({ done: 7, wrong: 3, all: 13 });
	expect(progressOf({})).toEqual({ done: 0, wrong: 0, all: 0 });
});

test('a row is named by its account and language, and read back', () => {
	const row = { waba_id: '1023', language: 'es_MX' };
	expect(readKey(rowKey(row))).toEqual(row);
});

test('the library is shown by name, its languages together, with its examples filled in', () => {
	const one = { name: 'delivery', language: 'en', category: 'UTILITY', topic: 'ORDER_MANAGEMENT', usecase: 'SHIPMENT', body: 'Your parcel {{1}} is out.', body_params: ['A-1'], buttons: [{ type: 'URL', text: 'Track' }, { type: 'QUICK_REPLY', text: 'Thanks' }] };
	const entries = entriesOf([{ ...one, language: 'es', body: 'Su paquete {{1}} va en camino.' }, one]);
	expect(entries).toHaveLength(1);
	expect(Object.keys(entries[0]?.languages ?? {})).toEqual(['es', 'en']);
	expect(entries[0]?.about).toBe('order management · shipment');
	const template = componentsOf(one);
	expect(phoneText(template.components, examplesOf(template)).body).toBe('Your parcel A-1 is out.');
	expect(inputsOf(one)).toEqual([{ kind: 'URL', button: 'Track', value: '', example: '' }]);
});

test('each address and number of the library’s buttons is asked for and told in Meta’s form', () => {
	const url = (value: string, example = ''): Input => ({ kind: 'URL', button: 'Track', value, example });
	const phone = (value: string): Input => ({ kind: 'PHONE_NUMBER', button: 'Call', value, example: '' });
	expect(inputJson(url(' https://x.example '))).toEqual({ type: 'URL', url: { base_url: 'https://x.example' } });
	expect(inputJson(url('https://x.example/{{1}}', 'https://x.example/7'))).toEqual({ type: 'URL', url: { base_url: 'https://x.example/{{1}}', url_suffix_example: 'https://x.example/7' } });
	expect(inputJson(phone('+34 612-345-678'))).toEqual({ type: 'PHONE_NUMBER', phone_number: '+34612345678' });
	expect([url('https://x.example'), url('https://x.example/{{1}}', 'https://x.example/7'), phone('+34 612 345 678')].map(wrongWith)).toEqual([null, null, null]);
	expect([url(''), url('http://x.example'), url('https://x.example/{{1}}/more'), url('https://x.example/{{name}}'), url('https://nowhere')].map((one) => wrongWith(one)?.rule)).toEqual(Array(5).fill('https'));
	expect(wrongWith(url('https://x.example/{{1}}'))).toEqual({ field: 'example', rule: 'whole' });
	expect(wrongWith(phone('call us'))?.rule).toBe('number');
});
