import { describe, expect, test } from 'vitest';
import { ApiError, type Conversation, type Template } from '$lib/api';
import { kindOf, takesCaption, tooLarge } from './attach';
import { belongs, place, sortKey, viewsFor, type Filter } from './listing';
import { parse, safeHref } from './markup';
import { characters, whyRefused } from './refused';
import { snoozeChoices } from './snooze';
import { read, toSend, valuesOf, variables } from './template';
import { followsEnd, layout, rowAt, visible } from './window';

describe("WhatsApp's marks", () => {
	const spans = (text: string): { kind: string }[] => parse(text).flatMap((block): { kind: string }[] => ('spans' in block ? block.spans : [block]));
	test('bold, italic, struck and code', () => {
		expect(spans('*a* _b_ ~c~ `d`').map((span) => span.kind)).toEqual(['bold', 'text', 'italic', 'text', 'struck', 'text', 'code']);
	});
	test('marks nest', () => expect(spans('*_a_*')).toMatchObject([{ kind: 'bold', spans: [{ kind: 'italic' }] }]));
	test('a mark within a word or an address is only a sign', () => {
		expect(spans('snake_case_name 2*3*4')).toEqual([{ kind: 'text', text: 'snake_case_name 2*3*4' }]);
		expect(spans('https://example.com/a_b_c')).toMatchObject([{ kind: 'link', href: 'https://example.com/a_b_c' }]);
	});
	test('a lonely mark stays', () => expect(spans('2 * 3 = *6')).toEqual([{ kind: 'text', text: '2 * 3 = *6' }]));
	test('nothing counts within a block', () => expect(parse('a ```*b*``` c')).toMatchObject([{ kind: 'lines' }, { kind: 'block', text: '*b*' }, { kind: 'lines' }]));
	test('the full stop after an address is not part of it', () => expect(spans('ver www.example.com.')).toMatchObject([{}, { kind: 'link', text: 'www.example.com', href: 'https://www.example.com' }, { text: '.' }]));
	test('an address may only be of the web', () => {
		expect(safeHref('javascript:alert(1)')).toBeNull();
		expect(safeHref('https://example.com')).toBe('https://example.com/');
	});
});

describe('templates', () => {
	const template = {
		id: '1',
		waba_id: '2',
		parameter_format: 'POSITIONAL',
		awaits_release: false,
		owner: 'tenant',
		editable: { can: true },
		created_at: '2026-01-01T00:00:00Z',
		updated_at: '2026-01-01T00:00:00Z',
		name: 'po',
		language: 'es',
		category: 'UTILITY',
		status: 'APPROVED',
		components: [
			{ type: 'HEADER', format: 'TEXT', text: 'Pedido {{1}}' },
			{ type: 'BODY', text: 'Hola {{1}}, son {{2}}', example: { body_text: [['Ana', '12 €']] } },
			{ type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Ver', url: 'https://x.example/{{1}}' }] }
		]
	} as unknown as Template;
	test('every value is found, with its example', () => {
		expect(variables(template).map((one) => one.id)).toEqual(['header.1', 'body.1', 'body.2', 'button.0']);
		expect(variables(template)[1]?.example).toBe('Ana');
	});
	const values = { 'header.1': 'P1', 'body.1': 'Luis', 'body.2': '3 €', 'button.0': 'p1' };
	test("what is sent is Meta's shape", () => {
		expect(toSend(template, values)).toEqual({
			name: 'po',
			language: { code: 'es' },
			components: [
				{ type: 'header', parameters: [{ type: 'text', text: 'P1' }] },
				{ type: 'body', parameters: [{ type: 'text', text: 'Luis' }, { type: 'text', text: '3 €' }] },
				{ type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 'p1' }] }
			]
		});
	});
	test('it reads as it was sent', () => {
		expect(read(template, valuesOf(toSend(template, values)))).toMatchObject({ header: 'Pedido P1', body: 'Hola Luis, son 3 €' });
		expect(read(template, {}).body).toBe('Hola {{1}}, son {{2}}');
	});
	test('named values carry their names', () => {
		const named: Template = { ...template, components: [{ type: 'BODY', text: 'Hola {{nombre}}' }] };
		expect(toSend(named, { 'body.nombre': 'Ana' })).toMatchObject({ components: [{ parameters: [{ parameter_name: 'nombre', text: 'Ana' }] }] });
	});
	test('one without values has no components', () => expect(toSend({ ...template, components: [] }, {})).toEqual({ name: 'po', language: { code: 'es' } }));
});

describe('the list', () => {
	const conversation = (change: Partial<Conversation> = {}): Conversation => ({
		id: 'cnv_1',
		phone_number_id: '1',
		contact: { id: 'con_1' },
		status: 'open',
		unread_count: 0,
		window_open: true,
		window: { open: true },
		created_at: '2026-11-21T09:00:00Z',
		...change
	});
	const filter = (change: Partial<Filter> = {}): Filter => ({ view: 'all', status: 'open', unread: false, q: '', ...change });
	test('who sees what', () => {
		const mine = conversation({ assigned_to: { user_id: 'me', name: 'Me' } });
		expect(belongs(mine, filter({ view: 'mine' }), 'me')).toBe(true);
		expect(belongs(mine, filter({ view: 'unassigned' }), 'me')).toBe(false);
		expect(belongs(conversation({ status: 'closed' }), filter(), 'me')).toBe(false);
		expect(belongs(conversation(), filter({ unread: true }), 'me')).toBe(false);
		expect(belongs(conversation(), filter({ q: 'ana' }), 'me')).toBeNull();
	});
	test('the newest stands first, also where times have fractions', () => {
		const keys: Record<string, string> = {
			a: sortKey(conversation({ id: 'a', last_message: { preview: '', direction: 'inbound', at: '2026-11-21T09:00:01.5Z' } })),
			b: sortKey(conversation({ id: 'b', last_message: { preview: '', direction: 'inbound', at: '2026-11-21T09:00:01Z' } })),
			c: sortKey(conversation({ id: 'c', last_message: { preview: '', direction: 'inbound', at: '2026-11-21T10:00:00Z' } }))
		};
		expect(place(place(place([], 'b', (id) => keys[id] ?? ''), 'c', (id) => keys[id] ?? ''), 'a', (id) => keys[id] ?? '')).toEqual(['c', 'a', 'b']);
	});
	test('moving one leaves no second', () => expect(place(['a', 'b'], 'b', (id) => ({ a: '1', b: '2' })[id] ?? '')).toEqual(['b', 'a']));
});

describe('what is drawn', () => {
	const list = layout(100, () => 50);
	test('the row at a distance', () => {
		expect(rowAt(list, 0)).toBe(0);
		expect(rowAt(list, 49)).toBe(0);
		expect(rowAt(list, 50)).toBe(1);
		expect(rowAt(list, 1e9)).toBe(99);
	});
	test('only what is seen, and a little more', () => {
		expect(visible(list, 1000, 200, 100)).toEqual({ start: 18, end: 27 });
		expect(visible(layout(0, () => 1), 0, 100, 0)).toEqual({ start: 0, end: 0 });
	});
});

describe('snoozing', () => {
	test('tonight is offered until the late afternoon', () => {
		expect(snoozeChoices(new Date(2026, 10, 21, 10)).map((choice) => choice.id)).toEqual(['hour', 'tonight', 'tomorrow', 'week']);
		expect(snoozeChoices(new Date(2026, 10, 21, 18)).map((choice) => choice.id)).toEqual(['hour', 'tomorrow', 'week']);
	});
	test('next week is the next Monday, also on a Monday', () => {
		const monday = (now: Date) => snoozeChoices(now).find((choice) => choice.id === 'week')?.until;
		expect(monday(new Date(2026, 10, 21, 10))).toEqual(new Date(2026, 10, 23, 9));
		expect(monday(new Date(2026, 10, 23, 10))).toEqual(new Date(2026, 10, 30, 9));
		expect(monday(new Date(2026, 10, 22, 10))).toEqual(new Date(2026, 10, 23, 9));
	});
});

test('files become what WhatsApp takes', () => {
	expect(kindOf('image/jpeg')).toBe('image');
	expect(kindOf('audio/ogg; codecs=opus')).toBe('audio');
	expect(kindOf('image/svg+xml')).toBe('document');
	expect(kindOf('')).toBe('document');
	expect(tooLarge('image', 6_000_000)).toBeNull();
	expect(tooLarge('image', 30_000_000)).toBe(25 * 1024 * 1024);
	expect(tooLarge('document', 6_000_000)).toBeNull();
	expect(takesCaption('audio')).toBe(false);
});

test('only views that differ are offered', () => {
	expect(viewsFor('all')).toEqual(['mine', 'unassigned', 'all']);
	expect(viewsFor('own_and_unassigned')).toEqual(['mine', 'unassigned', 'all']);
	expect(viewsFor('own')).toEqual(['mine']);
});

describe('a thread that follows its end', () => {
	test('goes on following it when rows grow while its own scrolling is reported', () => expect(followsEnd(true, 4000, 4000, 944, true)).toBe(true));
	test('goes on following it when rows shrink and grow before that is reported', () => expect(followsEnd(true, 1159, 263, 478, false)).toBe(true));
	test('stops when a person scrolls up', () => expect(followsEnd(true, 4000, 3900, 100, true)).toBe(false));
	test('stays where the person is when more comes below', () => expect(followsEnd(false, 3900, 3900, 400, false)).toBe(false));
	test('follows it again when they come back to it', () => expect(followsEnd(false, 3900, 4000, 20, true)).toBe(true));
});

describe('what the server did not take', () => {
	const refused = (field: string, message: string) => whyRefused(new ApiError(422, 'invalid', `${field} ${message}`, [{ field, message }]));
	// Without a language loaded a text is its key.
	test('a text that is too long', () => expect(refused('text.body', 'has 4097 characters, at most 4096 are allowed')).toBe('composer.too_long'));
	test('a file that is not what its name says', () => expect(refused('file', 'is a program')).toBe('composer.wrong_file'));
	test('a value, without the name of its field', () => expect(refused('text.body', 'is odd')).toBe('thread.wrong_value'));
	test('an emoji is counted as the server counts it', () => expect(characters('👍ñ')).toBe(2));
});
