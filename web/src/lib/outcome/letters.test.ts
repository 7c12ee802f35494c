import { expect, test } from 'vitest';
import { addressOf, exportAddress, filterOf, noFilter, of, query, reasonKey, summaryQuery, withReason } from './letters';

test('a filter goes into the address and comes back', () => {
	const filter = { ...noFilter(), code: '0', state: 'all', batch: 'spring' };
	expect(filterOf(new URLSearchParams(addressOf(filter)))).toEqual(filter);
	expect(addressOf(noFilter())).toBe('');
});

test('the API is asked for what the filter says and nothing else', () => {
	expect(query(noFilter())).toEqual({ state: 'open' });
	expect(query({ ...noFilter(), state: 'all', code: '0' })).toEqual({ code: 0 });
	const asked = query({ ...noFilter(), from: '2026-11-01', to: '2026-11-01' });
	expect(new Date(asked.to ?? '').getTime() - new Date(asked.from ?? '').getTime()).toBe(86_399_999);
});

test('a download is of what the page shows, and names the tenant, for a link carries no header', () => {
	expect(exportAddress({ ...noFilter(), status: 'expired', code: '0', batch: 'a' }, 'csv', 'ten_1')).toBe('/api/v1/dead-letters/export?format=csv&tenant=ten_1&state=open&status=expired&code=0&batch=a');
});

test('outcomes that share a code are reasons of their own', () => {
	const reasons = ['expired', 'failed', 'cancelled'].map((status, place) => ({ status, code: 0, count: place + 1 }));
	expect(new Set(reasons.map(reasonKey)).size).toBe(3);
	const chosen = withReason(noFilter(), reasons[0]);
	expect(query(chosen)).toEqual({ state: 'open', status: 'expired', code: 0 });
	expect(of(reasons, chosen)).toEqual([reasons[0]]);
	expect(summaryQuery(chosen)).toEqual({ state: 'open' });
	expect(withReason(chosen, undefined)).toEqual(noFilter());
});

test('an address that names a code alone chooses it for every outcome', () => {
	const reasons = [{ status: 'failed', code: 131047 }, { status: 'failed', code: 131026 }];
	expect(of(reasons, { ...noFilter(), code: '131047' })).toEqual([reasons[0]]);
});
