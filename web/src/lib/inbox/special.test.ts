import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buttonPath, content, empty, LIMITS, mistakes, PATHS, rowPath } from './special';

const filled = () => ({ ...empty(), body: '¿Qué desea?' });

describe('what is sent beside text', () => {
	it('is Meta’s form', () => {
		expect(content('location', { ...empty(), latitude: '40,4', longitude: '-3.7', place: 'San Juan' })).toEqual({ type: 'location', content: { latitude: 40.4, longitude: -3.7, name: 'San Juan' } });
		expect(content('buttons', { ...filled(), buttons: ['Sí', '', ' No '] })).toEqual({
			type: 'interactive',
			content: { type: 'button', body: { text: '¿Qué desea?' }, action: { buttons: [{ type: 'reply', reply: { id: 'button_1', title: 'Sí' } }, { type: 'reply', reply: { id: 'button_2', title: 'No' } }] } }
		});
		expect(content('contact', { ...empty(), name: 'Ana Gil Ruiz', phone: '+34600000001' }).content).toEqual([
			{ name: { formatted_name: 'Ana Gil Ruiz', first_name: 'Ana', last_name: 'Gil Ruiz' }, phones: [{ phone: '+34600000001', type: 'CELL' }] }
		]);
	});

	it('is told what is wrong where it is wrong', () => {
		expect(mistakes('location', { ...empty(), latitude: '91', longitude: '' })).toEqual({ [PATHS.latitude]: 'degrees', [PATHS.longitude]: 'degrees' });
		expect(mistakes('buttons', { ...filled(), buttons: ['x'.repeat(21), 'No', 'No'] })).toEqual({ [buttonPath(0)]: 'long', [buttonPath(2)]: 'twice' });
		expect(mistakes('list', { ...filled(), button: 'Ver', rows: [{ title: 'Pan', description: 'x'.repeat(73) }] })).toEqual({ [rowPath(0, 'description')]: 'long' });
		expect(mistakes('link', { ...filled(), link_text: 'Carta', url: 'example.com' })).toEqual({ [PATHS.url]: 'url' });
		expect(mistakes('list', { ...filled(), body: 'x'.repeat(LIMITS.body + 1), button: 'Ver', rows: [{ title: 'Pan', description: '' }] })).toEqual({});
	});
});

describe('the limits', () => {
	it('are those of the API’s description', () => {
		const schemas = JSON.parse(readFileSync(new URL('../../../../openapi.json', import.meta.url), 'utf8')).components.schemas;
		const most = (name: string, member: string) => {
			const found = schemas[name].properties[member];
			return found.maxLength ?? found.maxItems;
		};
		expect({
			body: most('InteractiveBody', 'text'),
			list_body: most('ListBody', 'text'),
			footer: most('InteractiveFooter', 'text'),
			buttons: most('ReplyButtonsAction', 'buttons'),
			button: most('Reply', 'title'),
			list_button: most('ListAction', 'button'),
			rows: LIMITS.rows,
			row: most('ListRow', 'title'),
			row_description: most('ListRow', 'description'),
			link_text: most('UrlButtonParameters', 'display_text'),
			url: most('UrlButtonParameters', 'url')
		}).toEqual(LIMITS);
	});
});
