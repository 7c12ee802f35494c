import { describe, expect, test } from 'vitest';
import { bodyOf, changeCategory, componentsOf, draftOf, headersFor, newButton, newDraft } from './draft';
import { filled } from './preview';

const withButton = (button: Record<string, unknown>) => ({ name: 'a', language: 'en', category: 'UTILITY', parameter_format: 'NAMED', components: [{ type: 'BODY', text: 'Hello.' }, { type: 'BUTTONS', buttons: [button] }] });
const buttonAgain = (button: Record<string, unknown>) => (componentsOf(draftOf(withButton(button)))[1]?.buttons as unknown[])[0];

describe('a flow button', () => {
	test.each([
		{ type: 'FLOW', text: 'Book', flow_id: '123', navigate_screen: 'FIRST', flow_action: 'navigate' },
		{ type: 'FLOW', text: 'Book', flow_name: 'booking' },
		{ type: 'FLOW', text: 'Book', flow_json: '{"version":"7.0"}' },
		{ type: 'FLOW', text: 'Book', flow_json: { version: '7.0' } },
		{ type: 'FLOW', text: 'Book', flow_id: '123', flow_action: 'data_exchange' }
	])('is saved as it was opened: %j', (button) => expect(buttonAgain(button)).toEqual(button));
	test('that was saved with an empty id beside its name loses the id', () => {
		expect(buttonAgain({ type: 'FLOW', text: 'Book', flow_name: 'booking', flow_id: '' })).toEqual({ type: 'FLOW', text: 'Book', flow_name: 'booking' });
	});
	test('without a flow names none', () => {
		expect(buttonAgain({ type: 'FLOW', text: 'Book' })).toEqual({ type: 'FLOW', text: 'Book' });
	});
});

describe('kinds of headers and buttons', () => {
	test.each([
		{ type: 'SPM', text: 'View' },
		{ type: 'ORDER_DETAILS', text: 'Review and Pay' },
		{ type: 'REMINDER' }
	])('$type comes back as it was', (button) => expect(buttonAgain(button)).toEqual(button));
	test('a new button without a text leaves it to Meta', () => {
		const draft = newDraft();
		draft.body = 'Hello.';
		draft.buttons = [newButton('ORDER_DETAILS'), newButton('REMINDER'), newButton('SPM')];
		expect(componentsOf(draft)[1]).toEqual({ type: 'BUTTONS', buttons: [{ type: 'ORDER_DETAILS' }, { type: 'REMINDER' }, { type: 'SPM' }] });
	});
	test('a GIF is offered to marketing alone, a product to utility too', () => {
		const may = (category: 'UTILITY' | 'MARKETING') => headersFor('standard', category).filter((one) => one.may).map(({ kind }) => kind);
		expect(may('MARKETING')).toContain('GIF');
		expect(may('UTILITY')).not.toContain('GIF');
		expect(may('UTILITY')).toContain('PRODUCT');
		expect(headersFor('offer', 'MARKETING').map(({ kind }) => kind)).toEqual(['NONE', 'IMAGE', 'VIDEO']);
	});
	test('a GIF that is for marketing no more is the video that its sample is', () => {
		const draft = draftOf({ name: 'a', language: 'en', category: 'MARKETING', parameter_format: 'NAMED', components: [{ type: 'HEADER', format: 'GIF', example: { header_handle: ['4::x'] } }, { type: 'BODY', text: 'Hello.' }] });
		changeCategory(draft, 'UTILITY');
		expect(bodyOf(draft).components[0]).toEqual({ type: 'HEADER', format: 'VIDEO', example: { header_handle: ['4::x'] } });
	});
	test('the product of a header is sent with its catalogue', () => {
		const template = { components: [{ type: 'HEADER', format: 'PRODUCT' }, { type: 'BODY', text: 'Hello.' }], parameter_format: 'NAMED' };
		expect(filled(template, { header: 'SKU-1, 998877' })).toEqual([{ type: 'header', parameters: [{ type: 'product', product: { product_retailer_id: 'SKU-1', catalog_id: '998877' } }] }]);
	});
});
