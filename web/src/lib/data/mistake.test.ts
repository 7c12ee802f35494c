import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import main from '$lib/i18n/en.json';
import mainEs from '$lib/i18n/es.json';
import { fill } from '$lib/i18n/message';
import templates from '$lib/i18n/templates/en.json';
import templatesEs from '$lib/i18n/templates/es.json';
import { known } from './mistake';

const english = { ...main, ...templates };
const spanish = { ...mainEs, ...templatesEs };
const ROOT = new URL('../../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

/** No page sends what is refused so. */
const FOR_PROGRAMS = /API key has no conversations|is no scope|which of your tenants|only stands together with/;

/** The server's sources below a folder. */
function sources(folder: string): string[] {
	return readdirSync(new URL(folder, ROOT)).flatMap((name) => {
		const path = `${folder}/${name}`;
		return statSync(new URL(path, ROOT)).isDirectory() ? sources(path) : [path];
	});
}

test('a mistake is told in the language of the person', () => {
	const told = (said: string) => {
		const found = known(said);
		return found && fill(spanish[found.key], found.params, 'es');
	};
	expect(told('must have 1 to 4,096 characters')).toBe('Debe tener entre 1 y 4,096 caracteres.');
	expect(told('must be open, closed or snoozed')).toBe('Debe ser uno de estos: open, closed or snoozed.');
	expect(told('has 5,000 characters, at most 4,096 are taken')).toBe('Puede tener como máximo 4,096 caracteres.');
	expect(told('is odd')).toBeNull();
});

test('every sentence with which the server refuses what is filled in is known', () => {
	const folders = ['crates/http/src/api/conversations', 'crates/http/src/api/quick_replies', 'crates/http/src/api/media', 'crates/http/src/api/members', 'crates/http/src/api/me', 'crates/http/src/api/invitations', 'crates/http/src/api/api_keys', 'crates/http/src/api/settings', 'crates/http/src/auth', 'crates/engine/src/inbox', 'crates/engine/src/people'];
	const told = /(?:Problem::invalid|Mistake::new|\binvalid)\(\s*"[^"]*",\s*(?:&?format!\(\s*)?"([^"]+)"/g;
	const sentences = folders.flatMap((folder) => sources(folder)).flatMap((path) => [...read(path).matchAll(told)].map((found) => found[1] ?? ''));
	expect(sentences.length).toBeGreaterThan(15);
	const samples = sentences.map((said) => said.replaceAll(/\{[^}]*\}/g, '7'));
	expect(samples.filter((said) => known(said) === null && !FOR_PROGRAMS.test(said))).toEqual([]);
});

test('every code of the server is explained to people', () => {
	const docs = read('docs/API.md');
	const table = docs.slice(docs.indexOf('| `unauthorized`'));
	const rows = table.slice(0, table.indexOf('\n\n')).split('\n');
	const codes = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((found) => found[1] ?? ''));
	expect(codes.length).toBeGreaterThan(50);
	expect(codes.filter((code) => !(`error.${code}` in english))).toEqual([]);
});
