import { describe, expect, test, vi } from 'vitest';
import type { AdminHealth } from '$lib/api';
import { everyPage, seldom } from '$lib/data/resource.svelte';
import { sentence } from '$lib/data/sentence';
import en from '$lib/i18n/en.json';
import es from '$lib/i18n/es.json';
import { scopeOf } from './access';
import { judge, overall } from './health/judge';
import { layOut } from './intake/json';
import { syncedAt } from './numbers/pool.svelte';
import { messagingLimit } from './quality';

const text = (json: string) => layOut(json)?.map((piece) => piece.text).join('');

describe('JSON laid out for reading', () => {
	test('is indented, and empty things stay on their line', () => {
		expect(text('{"a":[1,{"b":null}],"c":{},"d":[]}')).toBe('{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {},\n  "d": []\n}');
	});
	test('keeps every digit and every escape as it came', () => {
		expect(text('{"id":12345678901234567890,"t":"\\u00e9 \\"{,}\\""}')).toBe('{\n  "id": 12345678901234567890,\n  "t": "\\u00e9 \\"{,}\\""\n}');
	});
	test('tells keys from texts', () => {
		expect(layOut('{"a":"b"}')?.filter((piece) => piece.kind === 'key' || piece.kind === 'text').map((piece) => piece.kind)).toEqual(['key', 'text']);
	});
	test('is not tried on what is no JSON', () => {
		expect(layOut('not json')).toBeNull();
		expect(layOut('{"a":')).toBeNull();
	});
});

describe('health', () => {
	const well: AdminHealth = {
		version: '1',
		database: 'sqlite',
		uptime_s: 1,
		intake: { received: 9, stored: 9, projected: 9, duplicates: 0, backlog: 0, oldest_backlog_ms: 0, parked: 0, parked_by_reason: {}, outbox: {} },
		outbox: { queued: 0, uncertain: 0, oldest_ms: 0, dead_letters: 0 },
		meta: { reachable: true, detail: null },
		jobs: { waiting: 0, dead: 0 },
		search: { lag_ms: 0, complete: true },
		streams: 0,
		wabas: [{ waba_id: '1', name: 'One', numbers_used: 3, numbers_limit: 25 }]
	};
	const of = (change: Partial<AdminHealth>, part: string) => judge({ ...well, ...change }).find(({ name }) => name === part);

	test('is well when nothing is wrong', () => {
		expect(overall(judge(well))).toBe('ok');
		expect(judge(well).every(({ advice }) => advice === null)).toBe(true);
	});
	test.each([
		['meta', { meta: { reachable: false, detail: 'x' } }, 'bad', 'meta'],
		['intake', { intake: { oldest_backlog_ms: 61_000 } }, 'bad', 'backlog'],
		['intake', { intake: { parked: 1 } }, 'warn', 'parked'],
		['outbox', { outbox: { queued: 1, uncertain: 1, oldest_ms: 0 } }, 'warn', 'uncertain'],
		['outbox', { outbox: { queued: 1, uncertain: 0, oldest_ms: 301_000 } }, 'bad', 'outbox'],
		['jobs', { jobs: { waiting: 0, dead: 1 } }, 'bad', 'dead'],
		['search', { search: { lag_ms: 301_000, complete: true } }, 'warn', 'search'],
		['wabas', { wabas: [{ waba_id: '1', name: 'One', numbers_used: 20, numbers_limit: 25 }] }, 'warn', 'nearly_full'],
		['wabas', { wabas: [{ waba_id: '1', name: 'One', numbers_used: 25, numbers_limit: 25 }] }, 'bad', 'full']
	])('says what to do about %s %j', (part, change, state, advice) => {
		expect(of(change as Partial<AdminHealth>, part)).toMatchObject({ state, advice });
		expect(en).toHaveProperty([`platform.health.advice.${advice}`]);
	});
});

test('a messaging limit is a number of people', () => {
	expect(messagingLimit('TIER_2K')).toBe(2000);
	expect(messagingLimit('TIER_250')).toBe(250);
	expect(messagingLimit('TIER_UNLIMITED')).toBe(Infinity);
	expect(messagingLimit(null)).toBeNull();
	expect(messagingLimit('TIER_NOT_SET')).toBeNull();
});

test('the numbers are as fresh as the oldest of them', () => {
	const number = (refreshed_at: string | null) => ({ phone_number_id: '1', waba_id: '1', display_phone_number: '1', messages_per_second: 80, is_fallback: false, refreshed_at });
	expect(syncedAt([number('2026-11-21T10:00:00Z'), number('2026-11-21T09:00:00Z'), number(null)])).toBe('2026-11-21T09:00:00Z');
	expect(syncedAt([])).toBeNull();
});

test('a page of the platform needs the scope of its subject', () => {
	expect(scopeOf('/platform/numbers')).toBe('platform:read');
	expect(scopeOf('/platform/audit')).toBe('platform:audit');
	expect(scopeOf('/platform/people')).toBe('platform:people');
});

test('a remark of the server becomes a sentence', () => {
	expect(sentence('must have 1 to 200 characters')).toBe('Must have 1 to 200 characters.');
	expect(sentence('Why?')).toBe('Why?');
});

test('every page of a list is fetched, and no more than asked', async () => {
	const get = vi.fn(async (cursor?: string) => ({ data: [Number(cursor ?? 0)], next: Number(cursor ?? 0) < 4 ? String(Number(cursor ?? 0) + 1) : null }));
	expect(await everyPage(get)).toEqual([0, 1, 2, 3, 4]);
	expect(await everyPage(get, 2)).toEqual([0, 1]);
});

test('a bell that rings often is answered at once, and once more at the end', () => {
	vi.useFakeTimers();
	const call = vi.fn();
	const bell = seldom(call, 1000);
	bell.ring();
	bell.ring();
	bell.ring();
	expect(call).toHaveBeenCalledTimes(1);
	vi.advanceTimersByTime(1000);
	expect(call).toHaveBeenCalledTimes(2);
	vi.advanceTimersByTime(5000);
	expect(call).toHaveBeenCalledTimes(2);
	bell.stop();
	vi.useRealTimers();
});

test.each([
	['en', en],
	['es', es]
])('every reason for parking has a name, a meaning and advice in %s', (_, words) => {
	for (const reason of ['unknown_number', 'unassigned_number', 'no_number', 'unknown_field', 'unknown_status', 'malformed', 'nothing_recognised', 'not_json', 'projection_failed'])
		for (const kind of ['reason', 'means', 'do']) expect(words).toHaveProperty([`platform.intake.${kind}.${reason}`]);
});
