// The call that opens Meta's window. The present form is chosen by the login configuration alone; the older one names
// its version. Both take what is known of the business, so that nobody types it twice.
import type { Mode } from './signup';

export interface Prefill {
	business?: Record<string, unknown> | null;
	phone?: Record<string, unknown> | null;
}
export interface LoginOptions {
	config_id: string;
	response_type: 'code';
	override_default_response_type: true;
	extras: {
		setup: Record<string, unknown>;
		featureType: string;
		sessionInfoVersion: '3';
		version?: 'v3';
	};
}

const FEATURE: Record<Mode, string> = { number: '', business_app: 'whatsapp_business_app_onboarding', account_only: 'only_waba_sharing' };

export function loginOptions(platform: { config_id: string; solution_id?: string | null; prefill?: Prefill | null }, mode: Mode, older: boolean): LoginOptions {
	const setup: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(platform.prefill ?? {})) {
		if (value && Object.keys(value).length > 0) setup[name] = filled(value);
	}
	if (platform.solution_id) setup.solutionID = platform.solution_id;
	const extras: LoginOptions['extras'] = { setup, featureType: FEATURE[mode], sessionInfoVersion: '3' };
	if (older) extras.version = 'v3';
	return { config_id: platform.config_id, response_type: 'code', override_default_response_type: true, extras };
}

/** Meta's window trips over empty values. */
const filled = (value: Record<string, unknown>): Record<string, unknown> => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined && one !== ''));

/** `v25.0`, however the server writes it. */
export const graphVersion = (version: string): string => (version.startsWith('v') ? version : `v${version}`);
