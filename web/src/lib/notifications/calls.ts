// What the pages about notifications ask the server.
import { api, ok } from '$lib/api';
import type { Json } from '$lib/data/json';
import { everyPage } from '$lib/data/resource.svelte';
import type { Rule, RuleBody, SourceBody } from './types';

const one = (id: string) => ({ params: { path: { id } } });
/** The form makes what the server takes; what is still wrong with it the server says. */
const asRule = (rule: Json) => rule as unknown as RuleBody;

export const calls = {
	events: (query: { type?: string; state?: string; message_failed?: boolean; q?: string; cursor?: string }) => ok(api.GET('/api/v1/events', { params: { query: { ...query, limit: 50 } } })),
	event: (id: string) => ok(api.GET('/api/v1/events/{id}', one(id))),
	types: async () => (await ok(api.GET('/api/v1/events/types'))).data,
	retry: (id: string, rule?: string) => ok(api.POST('/api/v1/events/{id}/retry', { ...one(id), body: rule ? { rule_id: rule } : {} })),
	/** Everything of a state; the server takes a thousand events at a time. Gives how many events those were. */
	retryMany: async (state: 'held' | 'failed', type?: string) => {
		let count = 0;
		let before: string | undefined;
		do {
			const done = await ok(api.POST('/api/v1/events/retry', { body: { state, type, before } }));
			count += done.events;
			before = done.next ?? undefined;
		} while (before);
		return count;
	},
	rules: () => everyPage<Rule>((cursor) => ok(api.GET('/api/v1/notification-rules', { params: { query: { cursor, limit: 200 } } }))),
	rule: (id: string) => ok(api.GET('/api/v1/notification-rules/{id}', one(id))),
	create: (rule: Json) => ok(api.POST('/api/v1/notification-rules', { body: asRule(rule) })),
	change: (id: string, change: Json) => ok(api.PATCH('/api/v1/notification-rules/{id}', { ...one(id), body: asRule(change) })),
	remove: (id: string) => ok(api.DELETE('/api/v1/notification-rules/{id}', one(id))),
	dryRun: ({ rule, data, type }: { rule: Json; data: Json; type?: string }) => ok(api.POST('/api/v1/notification-rules/dry-run', { body: { rule: asRule(rule), data, type } })),
	sources: async () => (await ok(api.GET('/api/v1/event-sources'))).data,
	addSource: (body: SourceBody) => ok(api.POST('/api/v1/event-sources', { body })),
	removeSource: (id: string) => ok(api.DELETE('/api/v1/event-sources/{id}', one(id)))
};
