// Addresses of the media of messages. The browser fetches them itself: by ranges, with its own cache, while it shows them.
import { credentials, requestHeaders, throwProblem } from '$lib/api';

/** An element cannot send headers, so the tenant stands in the address. */
function address(id: string, what: 'media' | 'thumbnail', more: Record<string, string> = {}): string {
	const query = new URLSearchParams({ ...(credentials.tenant ? { tenant: credentials.tenant } : {}), ...more });
	const text = query.toString();
	return `/api/v1/messages/${encodeURIComponent(id)}/${what}${text ? `?${text}` : ''}`;
}

/** An address for the media of a message. */
export const mediaUrl = (id: string): string => address(id, 'media');

/** An address for the small picture of a message's media. */
export const thumbnailUrl = (id: string): string => address(id, 'thumbnail');

/** Why the media of a message cannot be shown; null when they can. An element says only that it failed. */
export async function whyNot(id: string): Promise<unknown> {
	try {
		const response = await fetch(mediaUrl(id), { headers: { ...requestHeaders(), Range: 'bytes=0-0' } });
		if (!response.ok) await throwProblem(response);
		await response.body?.cancel();
		return null;
	} catch (problem) {
		return problem;
	}
}

/** Saves the media of a message as a file. */
export function save(id: string, filename: string): void {
	const link = document.createElement('a');
	link.href = address(id, 'media', { download: '1' });
	link.download = filename;
	link.click();
}

class Lightbox {
	shown = $state.raw<{ url: string; alt: string } | null>(null);
}

export const lightbox = new Lightbox();
