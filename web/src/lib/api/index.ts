// The one way to the server. `api` is typed by openapi.json; a request that fails throws an `ApiError`.
import createClient, { type Middleware } from 'openapi-fetch';
import type { Paths } from './pending';
import { ApiError, asProblem, problemOf } from './problem';

export { ApiError, asProblem } from './problem';
export type * from './types';

/** What requests need to carry; the session sets it. */
export const credentials = { csrf: '', tenant: '' };

/** Leaves for the sign-in page and comes back to where we are. */
export function toSignIn(): void {
	const here = location.pathname + location.search;
	location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}

/** Headers for a request that does not go through `api` (uploads, the stream). */
export function requestHeaders(method = 'GET'): Record<string, string> {
	const headers: Record<string, string> = {};
	if (method !== 'GET' && method !== 'HEAD') headers['Trunkline-CSRF'] = credentials.csrf;
	if (credentials.tenant) headers['Trunkline-Tenant'] = credentials.tenant;
	return headers;
}

/** Throws what a failed response says. 401 leaves for the sign-in page. */
export async function throwProblem(response: Response): Promise<never> {
	const problem = await problemOf(response);
	if (response.status === 401 && problem.code === 'unauthorized') toSignIn();
	throw problem;
}

const listeners = new Set<() => void>();
/** Tells whenever the server has answered: whoever waits for it need not wait longer. */
export function onAnswer(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

const middleware: Middleware = {
	onRequest({ request, schemaPath }) {
		const headers = requestHeaders(request.method);
		// The platform's routes belong to no tenant.
		if (schemaPath.startsWith('/api/v1/admin/')) delete headers['Trunkline-Tenant'];
		for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
		return request;
	},
	async onResponse({ response }) {
		for (const listener of listeners) listener();
		if (!response.ok) await throwProblem(response);
	},
	onError({ error }) {
		return asProblem(error);
	}
};

export const api = createClient<Paths>({ baseUrl: globalThis.location?.origin ?? '' });
api.use(middleware);

/** The body of an answer: `const page = await ok(api.GET('/api/v1/members'))`. */
export async function ok<T>(request: Promise<{ data?: T; response: Response }>): Promise<T> {
	const { data, response } = await request;
	if (!response.ok) throw new ApiError(response.status, `http_${response.status}`, response.statusText);
	return data as T;
}
