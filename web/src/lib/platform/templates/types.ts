import type { components } from '$lib/api/schema';
import type { Json } from '$lib/data/json';

export interface GlobalTemplate {
	id: string;
	name: string;
	category: string;
	everyone: boolean;
	version: number;
	rolled_out?: number | null;
	languages: string[];
	library_name?: string | null;
	counts: Record<string, number>;
	created_at: string;
	updated_at: string;
}
export interface Content {
	parameter_format: string;
	components: Json[];
	message_send_ttl_seconds?: number | null;
	library?: Json | null;
}
export interface Version {
	version: number;
	category: string;
	created_by: string;
	created_at: string;
	languages: Record<string, Content>;
}
export type GlobalDetail = GlobalTemplate & { tenants: { id: string; name: string }[]; versions: Version[] };
export interface RolloutRow {
	tenant_id: string;
	tenant_name: string;
	waba_id?: string | null;
	language: string;
	version: number;
	version_there?: number | null;
	state: string;
	waits_for?: string | null;
	category?: string | null;
	error?: { code?: number | null; title: string; what: string } | null;
	template_id?: string | null;
	/** Of a paused one: when the pause ends by itself; null: when somebody ends it. Not there: nobody says. */
	paused_until?: string | null;
	rejected_reason?: string | null;
	attempts: number;
	next_attempt_at?: string | null;
	updated_at?: string | null;
}
export interface LibraryTemplate {
	name: string;
	language: string;
	category?: string | null;
	topic?: string | null;
	usecase?: string | null;
	header?: string | null;
	body?: string | null;
	body_params?: unknown;
	buttons?: unknown;
}

export type SharedTemplate = components['schemas']['SharedTemplateView'];
