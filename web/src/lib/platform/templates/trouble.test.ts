import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { i18n } from '$lib/i18n';
import { stepValue } from '$lib/templates/states';
import { otherCategory, troubleOf } from './trouble';

// A language is noted on the page, of which there is none here.
beforeAll(async () => {
	vi.stubGlobal('document', { documentElement: {} });
	vi.stubGlobal('navigator', { languages: ['es-ES'] });
	await i18n.area('templates');
	await i18n.use('es');
});
afterAll(() => vi.unstubAllGlobals());

const failed = (title: string, what = 'In English.', code: number | null = null) => ({ state: 'failed', error: { code, title, what } });

test('what is wrong is told in the language of the person', () => {
	expect(troubleOf(failed('no_account'))?.text).toContain('aún no tiene cuenta');
	expect(troubleOf(failed('name_taken'))?.text).toContain('nombre e idioma');
	expect(troubleOf(failed('something_new'))?.text).toBe('In English.');
	expect(troubleOf({ state: 'approved', error: null })).toBeNull();
});

test('a rejection has Meta’s reason, with what to do', () => {
	expect(troubleOf({ state: 'rejected', rejected_reason: 'PROMOTIONAL', error: { title: 'rejected', what: 'WhatsApp rejected it (PROMOTIONAL): the text advertises.' } })?.text).toContain('Suena a publicidad. Envíela como Marketing');
});

test('a pause ends by itself only where it has an end', () => {
	const paused = (paused_until?: string | null) => troubleOf({ ...failed('paused'), state: 'paused', paused_until })?.text;
	expect(paused('2026-11-22T12:00:00Z')).toContain('termina sola');
	expect(paused(null)).toContain('hasta que se le quite');
	expect(paused(undefined)).toBe('Meta ha puesto la plantilla en pausa en esta cuenta por su baja calidad.');
});

test('a category is told where it is another one than was asked for', () => {
	expect(otherCategory({ category: 'MARKETING' }, 'UTILITY')).toBe('MARKETING');
	expect(otherCategory({ category: 'utility' }, 'UTILITY')).toBeNull();
	expect(otherCategory({ category: null }, 'UTILITY')).toBeNull();
});

test('the history says the state in words', () => {
	expect(stepValue('created', 'DRAFT')).toBe('Borrador');
	// What the platform made begins with its content.
	expect(stepValue('created', '[{"type":"BODY"}]')).toBe('');
	expect(stepValue('edited', '[{"type":"BODY"}]')).toBe('');
});
