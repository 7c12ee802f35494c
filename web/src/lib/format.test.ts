import { describe, expect, test } from 'vitest';
import { bytes, clock, dayName, daysAgo, duration, initials, phone, relative, shortWhen } from './format';

const now = new Date(2026, 10, 21, 10, 0);

describe('times', () => {
	test('today is a clock time, this week a weekday, this year a date, else with its year', () => {
		expect(shortWhen(new Date(2026, 10, 21, 9, 5), now, 'en-GB')).toBe('09:05');
		expect(shortWhen(new Date(2026, 10, 19, 9, 5), now, 'en-GB')).toBe('Thu');
		expect(shortWhen(new Date(2026, 10, 3), now, 'en-GB')).toBe('3 Nov');
		expect(shortWhen(new Date(2025, 10, 3), now, 'en-GB')).toBe('3 Nov 2025');
	});
	test('days count by the calendar, not by 24 hours', () => {
		expect(daysAgo(new Date(2026, 10, 20, 23, 59), now)).toBe(1);
		expect(daysAgo(new Date(2026, 10, 21, 0, 0), now)).toBe(0);
	});
	test('a thread says today and yesterday in its language', () => {
		expect(dayName(now, now, 'es')).toBe('Hoy');
		expect(dayName(new Date(2026, 10, 20), now, 'en')).toBe('Yesterday');
		expect(dayName(new Date(2026, 10, 18), now, 'es')).toBe('Miércoles');
	});
	test('relative times round towards now', () => {
		expect(relative(new Date(2026, 10, 21, 9, 1), now, 'en')).toBe('59 min. ago');
		expect(relative(new Date(2026, 10, 21, 9, 59, 40), now, 'en')).toBe('now');
	});
	test('a clock is a clock', () => expect(clock(new Date(2026, 10, 21, 14, 5), 'es')).toBe('14:05'));
});

describe('durations and sizes', () => {
	test('two units at most', () => {
		expect(duration((23 * 60 + 50) * 60_000, 'es')).toBe('23 h 50 min');
		expect(duration(4 * 60_000 + 30_000, 'en')).toBe('4 min');
		expect(duration(-5, 'en')).toBe('0 sec');
		expect(duration(2 * 86_400_000, 'en')).toBe('2 days');
	});
	test('bytes in steps of a thousand', () => {
		expect(bytes(1_400_000, 'en')).toBe('1.4 MB');
		expect(bytes(512, 'en')).toBe('512 byte');
	});
});

describe('people', () => {
	test('phone numbers are grouped as their country groups them', () => {
		expect(phone('34612345678')).toBe('+34 612 345 678');
		expect(phone('5511987654321')).toBe('+55 11 98765 4321');
		expect(phone('+14155550100')).toBe('+1 415 555 0100');
	});
	test('what is no number stays as it is', () => expect(phone('ES.17000')).toBe('ES.17000'));
	test('initials of names and numbers', () => {
		expect(initials('Ana Larrea')).toBe('AL');
		expect(initials('+34 612 345 678')).toBe('78');
		expect(initials('  ')).toBe('?');
	});
});
