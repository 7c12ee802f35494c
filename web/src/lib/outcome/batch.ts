// How far a batch has come, from its counts by status word. Pure.
export interface Counted {
	total: number;
	counts: Record<string, number>;
}

/** Words in the order of a message's life. */
const order = ['queued', 'held', 'sending', 'uncertain', 'accepted', 'sent', 'delivered', 'read', 'played', 'failed', 'expired', 'cancelled'];
const waiting = ['queued', 'held'];
const open = [...waiting, 'sending', 'uncertain'];

const sum = (counts: Record<string, number>, words: string[]) => words.reduce((total, word) => total + (counts[word] ?? 0), 0);

export function parts({ total, counts }: Counted): { waits: number; done: number; words: [string, number][] } {
	const words = Object.entries(counts).filter(([, count]) => count > 0);
	words.sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
	return { waits: sum(counts, waiting), done: total - sum(counts, open), words };
}
