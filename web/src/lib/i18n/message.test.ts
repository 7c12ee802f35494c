import { describe, expect, test } from 'vitest';
import { fill, placeholders, type Message } from './message';

const files = import.meta.glob<Record<string, Message>>('./*.json', { import: 'default', eager: true });
const english = files['./en.json'] ?? {};
/** The words of areas, which are loaded with their pages. */
const areas = import.meta.glob<Record<string, Message>>('./*/*.json', { import: 'default', eager: true });
const pairs = [
	...Object.entries(files).filter(([path]) => path !== './en.json').map(([path, words]) => ({ path, words, english })),
	...Object.entries(areas).filter(([path]) => !path.endsWith('/en.json')).map(([path, words]) => ({ path, words, english: areas[path.replace(/[^/]+$/, 'en.json')] ?? {} }))
];

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

test('every area is there in every language, and no key stands twice', () => {
	const languages = Object.keys(files).map((path) => path.slice(2));
	const folders = [...new Set(Object.keys(areas).map((path) => path.split('/')[1]))];
	expect(folders.flatMap((folder) => languages.map((language) => `./${folder}/${language}`)).filter((path) => !areas[path])).toEqual([]);
	const keys = [english, ...Object.entries(areas).filter(([path]) => path.endsWith('/en.json')).map(([, words]) => words)].flatMap((words) => Object.keys(words));
	expect(keys.filter((key, place) => keys.indexOf(key) !== place)).toEqual([]);
});

describe.each(pairs)('$path', ({ words, english }) => {
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
