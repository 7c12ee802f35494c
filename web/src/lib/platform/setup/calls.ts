// What the pages Set-up and Setup links ask the server.
import { api, ok } from '$lib/api';
import type { components } from '$lib/api/schema';

export type Platform = components['schemas']['PlatformView'];
export type Setting = components['schemas']['SettingView'];
export type Check = components['schemas']['CheckView'];
export type SetupLink = components['schemas']['SetupLinkView'];
export type NewSetupLink = components['schemas']['NewSetupLink'];
export type Callback = components['schemas']['CallbackView'];
export type SetCallback = components['schemas']['SetCallback'];
export type VersionTried = components['schemas']['VersionTried'];
export type Change = components['schemas']['PlatformChange'];

export const calls = {
	show: () => ok(api.GET('/api/v1/admin/platform')),
	save: (body: Change) => ok(api.PATCH('/api/v1/admin/platform', { body })),
	check: async () => (await ok(api.POST('/api/v1/admin/platform/check'))).checks,
	subscribe: () => ok(api.POST('/api/v1/admin/platform/subscribe')),
	verifyToken: async () => (await ok(api.POST('/api/v1/admin/platform/verify-token'))).verify_token,
	callbacks: async () => (await ok(api.GET('/api/v1/admin/whatsapp/callbacks'))).data,
	setCallback: (body: SetCallback) => ok(api.PUT('/api/v1/admin/whatsapp/callbacks', { body })),
	tryVersion: (version: string) => ok(api.GET('/api/v1/admin/whatsapp/version', { params: { query: { version } } })),
	links: (cursor?: string) => ok(api.GET('/api/v1/admin/setup-links', { params: { query: { cursor } } })),
	makeLink: (body: NewSetupLink) => ok(api.POST('/api/v1/admin/setup-links', { body })),
	revokeLink: (id: string) => ok(api.DELETE('/api/v1/admin/setup-links/{id}', { params: { path: { id } } }))
};

/** The steps in which an empty installation is set up, and the settings of each. */
export const groups = [
	{ key: 'app', settings: ['app_id', 'app_secret'] },
	{ key: 'webhook', settings: ['verify_token', 'webhook_url'] },
	{ key: 'signup', settings: ['config_id', 'solution_id', 'graph_version'] },
	{ key: 'account', settings: ['business_id', 'system_user_token', 'waba_id', 'credit_line_id'] }
] as const;

/** A picture as base64, without what stands before it in its address. */
export const asBase64 = (file: File): Promise<string> =>
	new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
		reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
		reader.readAsDataURL(file);
	});
