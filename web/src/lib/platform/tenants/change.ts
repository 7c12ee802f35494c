import { api, ok, type Tenant } from '$lib/api';

export interface TenantChange {
	name?: string;
	language?: string;
	status?: 'active' | 'suspended';
	fallback_allowed?: boolean;
	uncertain_policy?: 'ask' | 'retry_once';
}

/** Changes what is named of a tenant. The generated type asks for every member, since they have defaults. */
export const changeTenant = (id: string, change: TenantChange): Promise<Tenant> => ok(api.PATCH('/api/v1/admin/tenants/{id}', { params: { path: { id } }, body: change as never }));
