import { expect, test } from 'vitest';
import { deviceName } from '$lib/account/device';
import { keyName } from './commands.svelte';
import { score } from './search';

test('finding does not mind case or accents, and every word must be there', () => {
	expect(score('panaderia', 'Panadería San Juan')).toBeGreaterThan(0);
	expect(score('san pan', 'Panadería San Juan')).toBeGreaterThan(0);
	expect(score('san x', 'Panadería San Juan')).toBe(0);
	expect(score('inbox', 'Inbox')).toBeGreaterThan(score('box', 'Inbox'));
});

test('keys have names as the commands spell them', () => {
	const key = (key: string, change = {}) => keyName({ key, ctrlKey: false, metaKey: false, altKey: false, ...change });
	expect(key('J')).toBe('j');
	expect(key('k', { metaKey: true })).toBe('mod+k');
	expect(key('?')).toBe('?');
	expect(key('ArrowDown')).toBe('ArrowDown');
});

test('browsers are named as people know them', () => {
	expect(deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1')).toBe('Safari · iPhone');
	expect(deviceName('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36 Edg/148.0')).toBe('Edge · Windows');
	expect(deviceName('curl/8')).toBeNull();
});
