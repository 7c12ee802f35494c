// What the pages ask of the server about connections.
import { api, ok } from '$lib/api';
import type { Claim, Report } from './signup';
import type { BillingMode, Connection, ConnectionShape, Setup } from './types';

/** The document gives words as plain strings. */
const known = (answer: Promise<ConnectionShape>) => answer as Promise<Connection>;
const of = (id: string) => ({ params: { path: { id } } });
const number = (id: string, phone_number_id: string) => ({ params: { path: { id, phone_number_id } } });

export const calls = {
	list: async (): Promise<Connection[]> => (await ok(api.GET('/api/v1/connections'))).data as Connection[],
	one: (id: string) => known(ok(api.GET('/api/v1/connections/{id}', of(id)))),
	setup: (): Promise<Setup> => ok(api.GET('/api/v1/connections/setup')),
	signUp: ({ code, wabaId, phoneNumberId, businessId, event, coexistence }: Claim, setupLink?: string) =>
		known(ok(api.POST('/api/v1/connections/embedded-signup', { body: { code, waba_id: wabaId, phone_number_id: phoneNumberId, business_id: businessId, event, coexistence, setup_link: setupLink } }))),
	/** Fresh access for a connection that there is. */
	renew: (id: string, code: string) => known(ok(api.POST('/api/v1/connections/{id}/resume', { ...of(id), body: { code } }))),
	ownCredentials: (body: { access_token: string; waba_id: string; phone_number_id?: string; setup_link?: string }) => known(ok(api.POST('/api/v1/connections/own-credentials', { body }))),
	report: async ({ event, step, code, message, session }: Report): Promise<void> => {
		await api.POST('/api/v1/connections/signup-events', { body: { event, current_step: step, error_code: code, error_message: message, session_id: session } });
	},
	/** With the PIN of a number that has one of its own. */
	resume: (id: string, pin?: string) => known(ok(api.POST('/api/v1/connections/{id}/resume', { ...of(id), body: { pin } }))),
	/** A number that was never registered, or is no more. */
	register: (id: string, phone_number_id: string) => known(ok(api.POST('/api/v1/connections/{id}/resume', { ...of(id), body: { phone_number_id } }))),
	disconnect: (id: string) => known(ok(api.POST('/api/v1/connections/{id}/disconnect', of(id)))),
	revealPin: async (id: string, phone: string): Promise<string> => (await ok(api.POST('/api/v1/connections/{id}/numbers/{phone_number_id}/pin/reveal', number(id, phone)))).pin,
	/** Without a PIN one is made up. */
	setPin: async (id: string, phone: string, pin: string | null): Promise<void> => {
		await api.POST('/api/v1/connections/{id}/numbers/{phone_number_id}/pin', { ...number(id, phone), body: { pin } });
	},

	ofPlatform: {
		list: async (cursor?: string, query: { way?: string; state?: string; tenant?: string } = {}) => {
			const page = await ok(api.GET('/api/v1/admin/connections', { params: { query: { ...query, cursor } } }));
			return { ...page, data: page.data as Connection[] };
		},
		one: (id: string) => known(ok(api.GET('/api/v1/admin/connections/{id}', of(id)))),
		bill: (id: string, billing_mode: BillingMode) => known(ok(api.PATCH('/api/v1/admin/connections/{id}', { ...of(id), body: { billing_mode } }))),
		resume: (id: string) => known(ok(api.POST('/api/v1/admin/connections/{id}/resume', of(id)))),
		disconnect: (id: string) => known(ok(api.POST('/api/v1/admin/connections/{id}/disconnect', of(id))))
	}
};
