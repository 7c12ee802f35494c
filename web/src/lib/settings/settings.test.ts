import { describe, expect, test } from 'vitest';
import en from '$lib/i18n/en.json';
import es from '$lib/i18n/es.json';
import { changes } from './audit/diff';
import { addressOf, areas, exportAddress, filterOf, noFilter, query } from './audit/filter';
import { contactLink } from './contact';
import { ending, endOf, platformScopes, tenantScopes } from './keys/keys';

describe('what changed', () => {
	test('stands before what stayed, by dotted names', () => {
		const lines = changes({ name: 'A', text: { body: 'old' }, list: [1, 2] }, { name: 'A', text: { body: 'new' }, list: [1, 2] });
		expect(lines).toEqual([
			{ field: 'text.body', before: 'old', after: 'new', changed: true },
			{ field: 'name', before: 'A', after: 'A', changed: false },
			{ field: 'list', before: '1, 2', after: '1, 2', changed: false }
		]);
	});

	test('tells what was not there from what was empty', () => {
		expect(changes(null, { a: null, b: {} })).toEqual([
			{ field: 'a', before: null, after: '', changed: true },
			{ field: 'b', before: null, after: '{}', changed: true }
		]);
		expect(changes(null, null)).toEqual([]);
	});
});

describe('the filter of the audit log', () => {
	test('goes into the address and comes back from it', () => {
		const filter = { ...noFilter(), action: 'tenant.', from: '2026-11-01' };
		expect(addressOf(filter)).toBe('?action=tenant.&from=2026-11-01');
		expect(filterOf(new URLSearchParams(addressOf(filter)))).toEqual(filter);
		expect(addressOf(noFilter())).toBe('');
	});

	test('asks for whole days of the reader, both included', () => {
		const asked = query({ ...noFilter(), from: '2026-11-01', to: '2026-11-01' });
		expect(new Date(asked.to ?? '').getTime() - new Date(asked.from ?? '').getTime()).toBe(86_400_000);
		expect(new Date(asked.from ?? '').getHours()).toBe(0);
		expect(query({ ...noFilter(), from: 'yesterday' })).toEqual({});
	});

	test('exports what is shown, for the tenant that is shown', () => {
		expect(exportAddress('/api/v1/audit', { ...noFilter(), action: 'api_key.' }, 'csv', 'ten_1')).toBe('/api/v1/audit/export?format=csv&action=api_key.&tenant=ten_1');
	});
});

describe('the end of a key', () => {
	const now = new Date('2026-11-21T12:00:00Z');
	test('is never, after days, or the last moment of a day', () => {
		expect(endOf('never', '', now)).toBeUndefined();
		expect(endOf('30', '', now)).toBe('2026-12-21T12:00:00.000Z');
		expect(new Date(endOf('date', '2026-12-24', now) ?? '').getDate()).toBe(24);
	});
	test('is told when it is near or past', () => {
		expect(ending(null, now)).toBeNull();
		expect(ending('2026-11-21T11:59:59Z', now)).toBe('ended');
		expect(ending('2026-11-25T00:00:00Z', now)).toBe('soon');
		expect(ending('2027-11-25T00:00:00Z', now)).toBeNull();
	});
});

test('a support contact leads to mail, telephone or a page, or is mere words', () => {
	expect(contactLink('help@example.org')).toBe('mailto:help@example.org');
	expect(contactLink('+34 600 000 000')).toBe('tel:+34600000000');
	expect(contactLink('https://example.org/help')).toBe('https://example.org/help');
	expect(contactLink('ask Ana')).toBeNull();
	expect(contactLink('javascript:alert(1)')).toBeNull();
});

test.each([
	['en', en],
	['es', es]
])('every scope, role and area has its words in %s', (_, words) => {
	for (const scope of [...tenantScopes, ...platformScopes]) expect(words).toHaveProperty([`settings.scope.${scope}`]);
	for (const role of ['owner', 'manager', 'agent', 'viewer']) expect(words).toHaveProperty([`settings.role.${role}`]);
	for (const area of areas) expect(words).toHaveProperty([`settings.audit.area.${area.slice(0, -1)}`]);
});
