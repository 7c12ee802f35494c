// Keeps a page about sending up to date: after events, and now and then for what makes none.
import { seldom } from '$lib/data/resource.svelte';
import { tenantStream } from '$lib/live';

export function keepFresh(load: () => void, wants: (event: string) => boolean, every = 5000): () => void {
	load();
	const look = () => !document.hidden && load();
	const bell = seldom(look, 1500);
	const off = tenantStream.on('*', (_, event) => {
		if (event === 'resync' || wants(event)) bell.ring();
	});
	const timer = setInterval(look, every);
	return () => {
		off();
		bell.stop();
		clearInterval(timer);
	};
}
