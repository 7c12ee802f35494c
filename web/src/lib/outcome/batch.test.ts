import { expect, test } from 'vitest';
import { parts } from './batch';

test('what waits and what is done add up, in the order of a life', () => {
	const now = parts({ total: 100, counts: { delivered: 50, queued: 20, held: 5, sending: 3, uncertain: 2, failed: 15, cancelled: 5, read: 0 } });
	expect(now.waits).toBe(25);
	expect(now.done).toBe(70);
	expect(now.words.map(([word]) => word)).toEqual(['queued', 'held', 'sending', 'uncertain', 'delivered', 'failed', 'cancelled']);
});
