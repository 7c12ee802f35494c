// API keys of a tenant, of the platform, or of a tenant as the platform sees it: three addresses, one page.
import { api, ok, type ApiKey } from '$lib/api';
import { everyPage } from '$lib/data/resource.svelte';

export interface NewKey {
	name: string;
	scopes: string[];
	expires_at?: string;
}
export interface KeysOf {
	list: () => Promise<ApiKey[]>;
	/** Gives back the whole key, which is shown once. */
	create: (key: NewKey) => Promise<string>;
	revoke: (id: string) => Promise<unknown>;
	/** What a key may be given. */
	scopes: string[];
}

export const tenantScopes = [
	'inbox:read',
	'inbox:write',
	'contacts:read',
	'contacts:write',
	'settings:read',
	'settings:write',
	'members:read',
	'members:write',
	'keys:write',
	'audit:read',
	'templates:write',
	'events:write',
	'notifications:write'
];
export const platformScopes = ['platform:read', 'platform:write', 'platform:people', 'platform:audit'];

const secret = (made: { api_key?: string }): string => made.api_key ?? '';

/** The present tenant's own. A person gives at most what they have. */
export const ownKeys = (mine: (scope: string) => boolean): KeysOf => ({
	list: async () => (await ok(api.GET('/api/v1/api-keys'))).data,
	create: async (body) => secret(await ok(api.POST('/api/v1/api-keys', { body }))),
	revoke: (id) => ok(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } })),
	scopes: tenantScopes.filter(mine)
});

export const platformKeys = (mine: (scope: string) => boolean): KeysOf => ({
	list: async () => (await ok(api.GET('/api/v1/admin/api-keys'))).data,
	create: async (body) => secret(await ok(api.POST('/api/v1/admin/api-keys', { body }))),
	revoke: (id) => ok(api.DELETE('/api/v1/admin/api-keys/{id}', { params: { path: { id } } })),
	scopes: platformScopes.filter(mine)
});

/** A tenant's, made by the platform. */
export const keysOfTenant = (id: string): KeysOf => ({
	list: async () => (await ok(api.GET('/api/v1/admin/tenants/{id}/api-keys', { params: { path: { id } } }))).data,
	create: async (body) => secret(await ok(api.POST('/api/v1/admin/tenants/{id}/api-keys', { params: { path: { id } }, body }))),
	revoke: (key) => ok(api.DELETE('/api/v1/admin/tenants/{id}/api-keys/{key}', { params: { path: { id, key } } })),
	scopes: tenantScopes
});

/** When a key ends that is made now: the last moment of the day for a date, so that the chosen day is still good. */
export function endOf(choice: string, date: string, now: Date): string | undefined {
	if (choice === 'never') return undefined;
	if (choice === 'date') return new Date(`${date}T23:59:59`).toISOString();
	return new Date(now.getTime() + Number(choice) * 86_400_000).toISOString();
}

/** Whether a key has ended, or will within a week. */
export function ending(expires: string | null | undefined, now: Date): 'ended' | 'soon' | null {
	if (!expires) return null;
	const left = new Date(expires).getTime() - now.getTime();
	return left <= 0 ? 'ended' : left < 7 * 86_400_000 ? 'soon' : null;
}
