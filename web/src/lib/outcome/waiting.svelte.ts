// How much waits for somebody: the badge of the rail and of the tabs.
import { api, ok } from '$lib/api';
import { seldom } from '$lib/data/resource.svelte';
import { tenantStream } from '$lib/live';

/** Events after which the counts may be others. */
const rings = new Set(['message.status', 'message.retried', 'dead_letters.changed', 'resync']);

class Waiting {
	deadLetters = $state(0);
	uncertain = $state(0);

	get all(): number {
		return this.deadLetters + this.uncertain;
	}

	load = async (): Promise<void> => {
		try {
			const counts = await ok(api.GET('/api/v1/queue/counts'));
			this.deadLetters = counts.dead_letters;
			this.uncertain = counts.uncertain;
		} catch {
			// The next event asks again.
		}
	};

	/** Counts now, and whenever something has changed. Gives back how to end it. */
	start(): () => void {
		void this.load();
		const bell = seldom(() => void this.load(), 5000);
		const off = tenantStream.on('*', (data, event) => {
			// Ticks of what goes well are many and change nothing here.
			if (event === 'message.status' && !['failed', 'expired', 'uncertain', 'sent'].includes(String(data.status))) return;
			if (rings.has(event)) bell.ring();
		});
		// Those whose settle time ends make no event of their own.
		const timer = setInterval(() => !document.hidden && void this.load(), 60_000);
		return () => {
			off();
			bell.stop();
			clearInterval(timer);
		};
	}
}

export const waiting = new Waiting();
export const capped = (count: number): string => (count >= 1000 ? '999+' : String(count));
