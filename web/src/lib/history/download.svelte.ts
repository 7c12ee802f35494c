// A file of messages that is fetched in the page, so that its progress can be shown and it can be given up.
import { api, ok, requestHeaders, throwProblem } from '$lib/api';
import { explain, toasts } from '$lib/ui';
import type { HistoryFilter } from './filter';

export type Format = 'csv' | 'jsonl';

export class Download {
	busy = $state(false);
	rows = $state(0);
	/** How many there will be, and whether there may be more. */
	total = $state.raw<{ count: number; exact: boolean } | null>(null);
	#stop: AbortController | null = null;

	async run(asked: Partial<HistoryFilter>, format: Format): Promise<void> {
		if (this.busy) return;
		const stop = new AbortController();
		this.#stop = stop;
		[this.busy, this.rows, this.total] = [true, 0, null];
		try {
			void ok(api.GET('/api/v1/messages/export/count', { params: { query: asked }, signal: stop.signal })).then(
				(total) => (this.total = total),
				() => {}
			);
			const address = new URLSearchParams({ ...asked, format });
			const response = await fetch(`/api/v1/messages/export?${address}`, { headers: requestHeaders(), signal: stop.signal });
			if (!response.ok || !response.body) await throwProblem(response);
			const count = lineCounter(format);
			const parts: Uint8Array<ArrayBuffer>[] = [];
			const reader = response.body!.getReader();
			for (;;) {
				const { done, value } = await reader.read();
				if (done) break;
				parts.push(value);
				this.rows = count(value);
			}
			save(new Blob(parts, { type: response.headers.get('Content-Type') ?? '' }), `messages.${format}`);
		} catch (error) {
			if (!stop.signal.aborted) toasts.error(explain(error));
		} finally {
			this.busy = false;
		}
	}

	/** Gives it up; the server stops reading as well. */
	cancel(): void {
		this.#stop?.abort();
	}
}

/** Counts the rows of a file that comes in pieces: gives how many there have been so far. */
export function lineCounter(format: Format): (piece: Uint8Array) => number {
	const decoder = new TextDecoder();
	const mark = format === 'csv' ? '\nmsg_' : '\n';
	let [count, rest] = [0, ''];
	return (piece) => {
		const text = rest + decoder.decode(piece, { stream: true });
		count += text.split(mark).length - 1;
		rest = mark.length > 1 ? text.slice(-(mark.length - 1)) : '';
		return count;
	};
}

function save(file: Blob, name: string): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
