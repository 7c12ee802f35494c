import { expect, test } from 'vitest';
import { addressOf, filterOf, noFilter, query } from './filter';
import { lineCounter } from './download.svelte';

test('the address keeps the filter and leaves out what is not set', () => {
	const filter = { ...noFilter(), q: ' pan ', status: 'failed', from: '2026-05-01' };
	expect(addressOf(filter)).toBe('?q=pan&status=failed&from=2026-05-01');
	expect(filterOf(new URLSearchParams(addressOf(filter)))).toEqual({ ...filter, q: 'pan' });
	expect(addressOf(noFilter())).toBe('');
});

test('days become moments and both are included', () => {
	const asked = query({ ...noFilter(), from: '2026-05-01', to: '2026-05-01' });
	expect(Date.parse(asked.to ?? '') - Date.parse(asked.from ?? '')).toBe(24 * 3600 * 1000);
	expect(query({ ...noFilter(), from: 'yesterday' })).toEqual({});
});

test('rows of a file are counted over the borders of its pieces', () => {
	const csv = lineCounter('csv');
	const bytes = (text: string) => new TextEncoder().encode(text);
	expect(csv(bytes('id,created_at\nmsg'))).toBe(0);
	expect(csv(bytes('_1,"a\nb"\nms'))).toBe(1);
	expect(csv(bytes('g_2,x\n'))).toBe(2);
	const lines = lineCounter('jsonl');
	expect(lines(bytes('{"id":1}\n{"id"'))).toBe(1);
	expect(lines(bytes(':2}\n'))).toBe(2);
});
