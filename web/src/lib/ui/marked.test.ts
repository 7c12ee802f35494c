import { expect, test } from 'vitest';
import { pieces } from './marked';

test('hits are told apart from what stands between them', () => {
	expect(pieces('a \u0002b\u0003 c \u0002d\u0003')).toEqual([
		{ text: 'a ', hit: false },
		{ text: 'b', hit: true },
		{ text: ' c ', hit: false },
		{ text: 'd', hit: true }
	]);
	expect(pieces('no hit')).toEqual([{ text: 'no hit', hit: false }]);
	expect(pieces('')).toEqual([]);
});
