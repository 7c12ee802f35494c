import { expect, test } from 'vitest';
import spanish from './codes.es.json';
import { beginning, find } from './codes.svelte';

test('a code is found by itself and within its range', () => {
	expect(find(spanish, 131047)).toContain('24 horas');
	expect(find(spanish, 250)).toBe(spanish['200-299']);
	expect(find(spanish, 999999)).toBeNull();
});

test('where a language has no title, its first sentence stands for it', () => {
	expect(beginning(find(spanish, 1))).toBe('WhatsApp no pudo atender la petición o tuvo un fallo propio');
	expect(beginning(null)).toBeNull();
});
