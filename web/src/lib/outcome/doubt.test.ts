import { expect, test } from 'vitest';
import { doubtOf } from './doubt';

test('what the connection said becomes a reason that people understand', () => {
	expect(doubtOf('error sending request: operation timed out')).toBe('late');
	expect(doubtOf('error sending request: connection closed before message completed')).toBe('broken');
	expect(doubtOf('the program was stopped while it was being sent')).toBe('stopped');
	expect(doubtOf('503: the answer did not carry an error')).toBe('odd');
	expect(doubtOf(null)).toBe('lost');
});
