// The bytes of media, fetched with the request's headers and kept for a while: going back to a thread loads nothing twice.
import { requestHeaders, throwProblem } from '$lib/api';

const KEPT = 60;
const blobs = new Map<string, Promise<Blob>>();
const urls = new Map<string, string>();

async function download(id: string): Promise<Blob> {
	const response = await fetch(`/api/v1/messages/${encodeURIComponent(id)}/media`, { headers: requestHeaders() });
	if (!response.ok) await throwProblem(response);
	return response.blob();
}

/** An address for the media of a message. */
export async function mediaUrl(id: string): Promise<string> {
	const known = urls.get(id);
	if (known) return known;
	let blob = blobs.get(id);
	if (!blob) {
		blob = download(id);
		blobs.set(id, blob);
	}
	try {
		const url = URL.createObjectURL(await blob);
		const first = urls.get(id);
		if (first) return first;
		urls.set(id, url);
		for (const [old, address] of urls) {
			if (urls.size <= KEPT) break;
			URL.revokeObjectURL(address);
			urls.delete(old);
		}
		return url;
	} finally {
		blobs.delete(id);
	}
}

/** Saves the media of a message as a file. */
export async function save(id: string, filename: string): Promise<void> {
	const link = document.createElement('a');
	link.href = await mediaUrl(id);
	link.download = filename;
	link.click();
}

class Lightbox {
	shown = $state.raw<{ url: string; alt: string } | null>(null);
}

export const lightbox = new Lightbox();
