// What the pages about global templates ask the server.
import { api, ok, type Tenant } from '$lib/api';
import type { Json } from '$lib/data/json';
import { everyPage } from '$lib/data/resource.svelte';
import type { components } from '$lib/api/schema';
import type { GlobalDetail, GlobalTemplate, LibraryTemplate, RolloutRow, SharedTemplate } from './types';

export type NewVersion = components['schemas']['NewVersion'];

const one = (id: string) => ({ params: { path: { id } } });

export const calls = {
	list: () => everyPage<GlobalTemplate>((cursor) => ok(api.GET('/api/v1/admin/global-templates', { params: { query: { cursor, limit: 200 } } }))),
	show: (id: string): Promise<GlobalDetail> => ok(api.GET('/api/v1/admin/global-templates/{id}', one(id))),
	create: (body: { name: string; category: string; everyone: boolean; tenants: string[] }): Promise<GlobalDetail> => ok(api.POST('/api/v1/admin/global-templates', { body })),
	change: (id: string, body: { everyone?: boolean; tenants?: string[] }): Promise<GlobalDetail> => ok(api.PATCH('/api/v1/admin/global-templates/{id}', { ...one(id), body })),
	remove: (id: string) => ok(api.DELETE('/api/v1/admin/global-templates/{id}', one(id))),
	addVersion: (id: string, body: NewVersion): Promise<GlobalDetail> => ok(api.POST('/api/v1/admin/global-templates/{id}/versions', { ...one(id), body })),
	rollOut: (id: string, version?: number): Promise<GlobalDetail> => ok(api.POST('/api/v1/admin/global-templates/{id}/roll-out', { ...one(id), body: version ? { version } : {} })),
	rows: (id: string, state: string, cursor?: string): Promise<{ data: RolloutRow[]; next?: string | null; counts: Record<string, number> }> =>
		ok(api.GET('/api/v1/admin/global-templates/{id}/rollout', { params: { path: { id }, query: { state: state || undefined, cursor, limit: 50 } } })),
	retry: (id: string, rows?: { waba_id: string; language: string }[]) => ok(api.POST('/api/v1/admin/global-templates/{id}/rollout/retry', { ...one(id), body: rows ? { rows } : { failed: true } })),
	shared: (q: string): Promise<SharedTemplate[]> => everyPage((cursor) => ok(api.GET('/api/v1/admin/templates', { params: { query: { q: q || undefined, cursor, limit: 200 } } }))),
	unpause: (id: string): Promise<SharedTemplate> => ok(api.POST('/api/v1/admin/templates/{id}/unpause', one(id))),
	release: (id: string, action: 'send' | 'cancel') => ok(api.POST('/api/v1/admin/templates/{id}/release', { ...one(id), body: { action } })),
	library: async (query: { search?: string; language?: string; topic?: string }): Promise<LibraryTemplate[]> => (await ok(api.GET('/api/v1/admin/template-library', { params: { query } }))).data,
	take: (body: { library_template_name: string; name?: string; languages: string[]; everyone: boolean; library_template_button_inputs?: Json[] }): Promise<GlobalDetail> => ok(api.POST('/api/v1/admin/global-templates/import', { body })),
	tenants: (): Promise<Tenant[]> => everyPage((cursor) => ok(api.GET('/api/v1/admin/tenants', { params: { query: { cursor, limit: 200 } } })))
};
