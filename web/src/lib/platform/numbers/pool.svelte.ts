// The numbers of the shared account and the tenants that have none, and how they come together.
import { api, asProblem, ok, type AdminHealth, type PhoneNumber, type TenantOnWhatsApp } from '$lib/api';
import { everyPage } from '$lib/data/resource.svelte';
import { t } from '$lib/i18n';
import { session } from '$lib/session.svelte';
import { explain, toasts } from '$lib/ui';

export interface Pool {
	numbers: PhoneNumber[];
	tenants: TenantOnWhatsApp[];
	/** WABAs that Meta did not answer for, as sentences. */
	warnings: string[];
	/** Limits of the WABAs; none where they could not be asked. */
	wabas: AdminHealth['wabas'];
}

export async function loadPool(): Promise<Pool> {
	const [phones, tenants, health] = await Promise.all([
		ok(api.GET('/api/v1/admin/whatsapp/phone-numbers')),
		everyPage((cursor) => ok(api.GET('/api/v1/admin/whatsapp/tenants', { params: { query: { cursor, limit: 200 } } }))),
		ok(api.GET('/api/v1/admin/health')).catch(() => null)
	]);
	return { numbers: phones.data, warnings: phones.warnings, tenants: tenants.sort((a, b) => a.name.localeCompare(b.name)), wabas: health?.wabas ?? [] };
}

/** WABAs with how much of their limit is used; counted from the numbers where the limits are not known. */
export function usage(pool: Pool): { id: string; name: string; used: number; limit: number | null }[] {
	if (pool.wabas.length > 0) return pool.wabas.map((waba) => ({ id: waba.waba_id, name: waba.name ?? waba.waba_id, used: waba.numbers_used, limit: waba.numbers_limit }));
	const ids = [...new Set(pool.numbers.map((number) => number.waba_id))];
	return ids.map((id) => ({ id, name: id, used: pool.numbers.filter((number) => number.waba_id === id).length, limit: null }));
}

/** When Meta was last asked for all of them: the oldest answer. */
export function syncedAt(numbers: PhoneNumber[]): string | null {
	return numbers.map((number) => number.refreshed_at ?? '').reduce((oldest, at) => (oldest === '' || (at !== '' && at < oldest) ? at : oldest), '') || null;
}

export const mayAssign = (): boolean => session.canPlatform('platform:write');

/** Gives a number to a tenant. On refusal the sentence to show, with who has it. */
export async function assign(tenant: { id: string; name: string }, number: PhoneNumber, reload: () => Promise<Pool | null>): Promise<string | null> {
	try {
		await ok(api.POST('/api/v1/admin/whatsapp/tenants/{id}/assign-phone', { params: { path: { id: tenant.id } }, body: { phone_number_id: number.phone_number_id } }));
		await reload();
		toasts.show(t('platform.numbers.assigned', { number: number.display_phone_number, tenant: tenant.name }));
		return null;
	} catch (error) {
		const problem = asProblem(error);
		// Somebody else was faster: the fresh list says who.
		const pool = problem.status === 409 ? await reload() : null;
		const now = pool?.numbers.find((one) => one.phone_number_id === number.phone_number_id);
		const theirs = pool?.tenants.find((one) => one.id === tenant.id)?.phone_number;
		if (problem.code === 'number_taken' && now?.tenant_name) return t('platform.numbers.taken', { number: now.display_phone_number, tenant: now.tenant_name });
		if (problem.code === 'tenant_has_number' && theirs) return t('platform.numbers.has_another', { number: theirs.display_phone_number, tenant: tenant.name });
		if (problem.code === 'number_is_fallback') return t('platform.numbers.is_fallback', { number: number.display_phone_number });
		return sentence(problem.of('phone_number_id') ?? explain(problem));
	}
}

/** Takes a tenant's number back into the pool. On refusal the sentence to show. */
export async function unassign(tenant: { id: string; name: string }, number: PhoneNumber): Promise<string | null> {
	try {
		await ok(api.DELETE('/api/v1/admin/whatsapp/tenants/{id}/unassign-phone', { params: { path: { id: tenant.id } } }));
		toasts.show(t('platform.numbers.unassigned', { number: number.display_phone_number, tenant: tenant.name }));
		return null;
	} catch (error) {
		return sentence(explain(error));
	}
}

/** A server's remark as a sentence of the page. */
export function sentence(text: string): string {
	const start = text.charAt(0).toLocaleUpperCase() + text.slice(1);
	return /[.!?]$/.test(start) ? start : `${start}.`;
}
