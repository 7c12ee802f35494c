// What the pages about templates ask the server.
import { api, ok, requestHeaders, throwProblem } from '$lib/api';
import { everyPage } from '$lib/data/resource.svelte';
import type { Body } from './draft';
import type { Change, Checked, Template, TemplateDetail, Uploaded } from './types';

const one = (id: string) => ({ params: { path: { id } } });

export const calls = {
	list: () => everyPage<Template>((cursor) => ok(api.GET('/api/v1/templates', { params: { query: { cursor, limit: 200 } } }))),
	named: (name: string) => everyPage<Template>((cursor) => ok(api.GET('/api/v1/templates', { params: { query: { name, cursor, limit: 200 } } }))),
	show: (id: string) => ok(api.GET('/api/v1/templates/{id}', one(id))),
	history: async (id: string): Promise<Change[]> => (await ok(api.GET('/api/v1/templates/{id}/history', one(id)))).data,
	create: (body: Body & { draft?: boolean }) => ok(api.POST('/api/v1/templates', { body })),
	change: (id: string, body: Partial<Body>) => ok(api.PATCH('/api/v1/templates/{id}', { ...one(id), body })),
	remove: (id: string, how: { all_languages?: boolean; cancel_waiting?: boolean }) => ok(api.DELETE('/api/v1/templates/{id}', { params: { path: { id }, query: how } })),
	duplicate: (id: string, body: { name?: string; language?: string }) => ok(api.POST('/api/v1/templates/{id}/duplicate', { ...one(id), body })),
	submit: (id: string) => ok(api.POST('/api/v1/templates/{id}/submit', one(id))),
	unpause: (id: string) => ok(api.POST('/api/v1/templates/{id}/unpause', one(id))),
	release: (id: string, action: 'send' | 'cancel') => ok(api.POST('/api/v1/templates/{id}/release', { ...one(id), body: { action } })),
	check: (body: Body & { id?: string }) => ok(api.POST('/api/v1/templates/check', { body })),
	sync: () => ok(api.POST('/api/v1/templates/sync')),
	testSend: (id: string, body: { to: string; components: Record<string, unknown>[] }) => ok(api.POST('/api/v1/templates/{id}/test-send', { ...one(id), body })),
	/** The example of a header: goes to Meta, which gives a name for it. */
	headerMedia: async (file: File): Promise<Uploaded> => {
		const form = new FormData();
		form.append('file', file, file.name || 'file');
		const response = await fetch('/api/v1/templates/header-media', { method: 'POST', headers: requestHeaders('POST'), body: form });
		if (!response.ok) await throwProblem(response);
		return (await response.json()) as Uploaded;
	}
};
