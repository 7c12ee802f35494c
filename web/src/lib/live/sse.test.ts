import { describe, expect, test } from 'vitest';
import { backOff, SseParser } from './sse';

describe('the parser', () => {
	test('an event may come in pieces', () => {
		const parser = new SseParser();
		expect(parser.push('id: 8\nevent: message.st')).toEqual([]);
		expect(parser.push('atus\ndata: {"a":')).toEqual([]);
		expect(parser.push('1}\n\n')).toEqual([{ id: '8', event: 'message.status', data: '{"a":1}' }]);
	});
	test('several events, several lines of data, comments between', () => {
		const parser = new SseParser();
		expect(parser.push(': keep\n\ndata: a\ndata: b\n\nid: 2\ndata: c\n\n')).toEqual([
			{ id: '', event: 'message', data: 'a\nb' },
			{ id: '2', event: 'message', data: 'c' }
		]);
	});
	test('lines may end in CR LF, even torn apart', () => {
		const parser = new SseParser();
		expect(parser.push('data: x\r')).toEqual([]);
		expect(parser.push('\n\r\n')).toEqual([{ id: '', event: 'message', data: 'x' }]);
	});
	test('an id stays for what follows it', () => {
		const parser = new SseParser();
		parser.push('id: 5\ndata: x\n\ndata: y\n\n');
		expect(parser.lastId).toBe('5');
	});
	test('nothing without data', () => expect(new SseParser().push('event: presence\n\n')).toEqual([]));
});

test('the wait doubles up to twenty seconds and is spread', () => {
	expect(backOff(0, 1)).toBe(500);
	expect(backOff(0, 0)).toBe(250);
	expect(backOff(3, 1)).toBe(4000);
	expect(backOff(50, 1)).toBe(20_000);
});
