import { expect, test } from 'vitest';
import { notAlike } from './values';

const body = (text: string, parameter_format = 'POSITIONAL') => ({ parameter_format, components: [{ type: 'BODY', text }] });

test('languages that take the same values are alike, in whatever order they stand', () => {
	expect(notAlike({ es: body('Hola {{1}}, son {{2}}.'), en: body('It is {{2}}, {{1}}, today.') })).toBeNull();
	expect(notAlike({ es: body('Hola.') })).toBeNull();
	expect(notAlike({})).toBeNull();
});

test('another number or name of values is told, with what each language takes', () => {
	expect(notAlike({ es: body('Hola {{1}}.'), en: body('Hello.') })).toEqual([
		{ language: 'es', values: ['{{1}}'] },
		{ language: 'en', values: [] }
	]);
	expect(notAlike({ es: body('Hola {{nombre}}.', 'NAMED'), en: body('Hi {{name}}.', 'NAMED') })).toHaveLength(2);
});

test('a file above the text counts, and an address that ends in a value', () => {
	const link = (url: string) => ({ components: [{ type: 'BODY', text: 'Hola.' }, { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Ver', url }] }] });
	expect(notAlike({ es: link('https://a.example/{{1}}'), en: link('https://a.example/') })).not.toBeNull();
	const header = (format: string) => ({ components: [{ type: 'HEADER', format }, { type: 'BODY', text: 'Hola.' }] });
	expect(notAlike({ es: header('IMAGE'), en: header('VIDEO') })).not.toBeNull();
});
