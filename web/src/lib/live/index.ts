import { session } from '$lib/session.svelte';
import { LiveStream } from './stream.svelte';

export { LiveStream, type LiveData } from './stream.svelte';

/** The present tenant's events. The shell starts it. */
export const tenantStream = new LiveStream(() => `/api/v1/stream?tenant=${encodeURIComponent(session.tenant?.id ?? '')}`);
/** The platform's events. The shell starts it for people of the platform, while one of its pages is open. */
export const platformStream = new LiveStream(() => '/api/v1/admin/stream');
