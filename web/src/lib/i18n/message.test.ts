import { describe, expect, test } from 'vitest';
import { fill, placeholders, type Message } from './message';

const files = import.meta.glob<Record<string, Message>>('./*.json', { import: 'default', eager: true });
const english = files['./en.json'] ?? {};

describe('filling in a message', () => {
	test('names in braces are replaced, unknown ones stay', () => {
		expect(fill('Hello {name}, {other}', { name: 'Ana' }, 'en')).toBe('Hello Ana, {other}');
	});
	test('numbers are written as the language writes them', () => {
		expect(fill('{count} rows', { count: 12345 }, 'en')).toBe('12,345 rows');
		expect(fill('{count} filas', { count: 12345 }, 'es')).toBe('12.345 filas');
	});
	test('the plural form follows the count', () => {
		const message = { one: '{count} message', other: '{count} messages' };
		expect(fill(message, { count: 1 }, 'en')).toBe('1 message');
		expect(fill(message, { count: 0 }, 'en')).toBe('0 messages');
	});
	test('a form that a language has and the message lacks falls back to other', () => {
		expect(fill({ one: 'un mensaje', other: '{count} mensajes' }, { count: 1_000_000 }, 'es')).toBe('1.000.000 mensajes');
	});
});

describe.each(Object.entries(files).filter(([path]) => path !== './en.json'))('%s', (_, words) => {
	test('has the same keys as English', () => {
		expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
	});
	test('has the same placeholders in every message', () => {
		const differing = Object.keys(english).filter((key) => placeholders(english[key] ?? '').join() !== placeholders(words[key] ?? '').join());
		expect(differing).toEqual([]);
	});
	test('has a plural where English has one', () => {
		const differing = Object.keys(english).filter((key) => typeof english[key] !== typeof words[key]);
		expect(differing).toEqual([]);
	});
	test('leaves nothing empty', () => {
		expect(Object.keys(words).filter((key) => words[key] === '')).toEqual([]);
	});
});
