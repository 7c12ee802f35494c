// Types of routes that openapi.json does not describe yet. To be deleted when it does: then `types.ts` takes them from
// `schema.d.ts`, and `index.ts` uses `paths` alone.
import type { paths } from './schema';

export type Role = 'owner' | 'manager' | 'agent' | 'viewer';
export type Theme = 'system' | 'light' | 'dark';

export interface Me {
	id: string;
	name: string;
	email: string;
	language: string;
	theme: Theme;
	totp: boolean;
}
export interface Session {
	user: Me;
	platform_admin: boolean;
	tenants: { id: string; name: string; status: string; role: Role }[];
	csrf: string;
	expires_at: string;
	scopes: Record<string, string[]>;
	platform_scopes: string[];
}
export interface SessionRow {
	id: string;
	current: boolean;
	user_agent: string | null;
	ip: string | null;
	created_at: string;
	last_seen_at: string;
	expires_at: string;
}
export interface TotpStart {
	secret: string;
	otpauth_url: string;
	qr_svg: string;
}
export interface Member {
	user_id: string;
	name: string;
	email: string;
	role: Role;
	status: 'active' | 'disabled';
	last_seen_at: string | null;
	joined_at: string;
}
export interface Invitation {
	id: string;
	email: string | null;
	role?: Role | null;
	tenant_id?: string | null;
	tenant_name?: string | null;
	expires_at: string;
	url?: string | null;
	sent?: boolean;
}
export interface AdminUser {
	id: string;
	name: string;
	email: string;
	platform_admin: boolean;
	status: 'active' | 'disabled';
	totp: boolean;
	last_sign_in_at: string | null;
	tenants: { id: string; name: string; role: Role }[];
}
export interface ApiKey {
	id: string;
	name: string;
	prefix: string;
	scopes: string[];
	expires_at: string | null;
	created_at: string;
	created_by: string | null | { id?: string; user_id?: string; name: string };
	last_used_at: string | null;
	api_key?: string;
}
export interface AuditRow {
	seq: number;
	at: string;
	actor: { kind: 'user' | 'api_key' | 'system'; id: string | null; name: string | null };
	action: string;
	target: { kind: string; id: string | null; name: string | null } | null;
	tenant_id: string | null;
	before: Record<string, unknown> | null;
	after: Record<string, unknown> | null;
	ip: string | null;
	user_agent: string | null;
	hash: string;
}
export interface Settings {
	name: string;
	language: string;
	whatsapp: {
		enabled: boolean;
		number: { phone_number_id?: string; display_phone_number: string; verified_name: string | null; quality_rating: string | null; status: string | null } | null;
		fallback: boolean;
	};
	support_contact: string | null;
}
export interface AdminHealth {
	version: string;
	database: 'sqlite' | 'postgres';
	uptime_s: number;
	intake: Record<string, unknown>;
	outbox: { queued: number; uncertain: number; oldest_ms: number };
	meta: { reachable: boolean; detail: string | null };
	jobs: { waiting: number; dead: number };
	streams: number;
	wabas: { waba_id: string; name: string | null; numbers_used: number; numbers_limit: number | null }[];
}

export type MessageStatus = 'received' | 'queued' | 'uncertain' | 'accepted' | 'sent' | 'delivered' | 'read' | 'played' | 'failed';
export interface Author {
	user_id: string;
	name: string;
}
export interface MessageError {
	code?: number;
	title?: string;
	details?: string;
	explanation?: string;
}
export interface Message {
	id: string;
	wamid?: string | null;
	direction: 'inbound' | 'outbound' | 'internal';
	origin: string;
	type: string;
	text?: string | null;
	preview: string;
	status: MessageStatus;
	error?: MessageError | null;
	conversation_id: string;
	contact_id: string;
	phone_number_id: string;
	reply_to?: string | null;
	content: Record<string, unknown>;
	author?: Author | null;
	occurred_at: string;
	created_at: string;
	sent_at?: string | null;
	delivered_at?: string | null;
	read_at?: string | null;
	played_at?: string | null;
	failed_at?: string | null;
	queue?: { state?: string; next_at?: string | null; reason?: string | null; attempts?: number } | null;
}
export interface Conversation {
	id: string;
	phone_number_id: string;
	display_phone_number?: string | null;
	contact: { id: string; name?: string | null; phone?: string | null; username?: string | null; user_id?: string | null };
	status: 'open' | 'closed' | 'snoozed';
	unread_count: number;
	assigned_to?: Author | null;
	snoozed_until?: string | null;
	last_message?: { id?: string; type?: string; status?: MessageStatus; preview: string; direction: string; at: string } | null;
	window_open: boolean;
	window_closes_at?: string | null;
	created_at: string;
}
export interface Counts {
	mine: number;
	unassigned: number;
	all: number;
	unread: number;
}
export interface QuickReply {
	id: string;
	shortcut: string;
	text: string;
	updated_at: string;
}
export interface TemplateButton {
	type: string;
	text?: string;
	url?: string;
	phone_number?: string;
}
export interface TemplateComponent {
	type: string;
	format?: string;
	text?: string;
	buttons?: TemplateButton[];
	example?: Record<string, unknown>;
}
export interface Template {
	id: string;
	name: string;
	language: string;
	category: string;
	status: string;
	components: TemplateComponent[];
}
export interface Media {
	id: string;
	mime_type: string;
	kind: 'image' | 'video' | 'audio' | 'document' | 'sticker';
	filename: string | null;
	bytes: number;
}

export interface List<T> {
	data: T[];
	next?: string | null;
}

type Json<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } };
type Empty = { headers: { [name: string]: unknown }; content?: never };
type Params<Path, Query> = { query?: Query; header?: { 'Idempotency-Key'?: string }; path: Path; cookie?: never };
type NoPath = never | undefined;
type Op<Answer, Body = never, Path = NoPath, Query = never> = {
	parameters: [Path] extends [NoPath] ? { query?: Query; header?: { 'Idempotency-Key'?: string }; path?: never; cookie?: never } : Params<Path, Query>;
	responses: [Answer] extends [void] ? { 204: Empty } : { 200: Json<Answer> };
} & ([Body] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': Body } } });
interface Id {
	id: string;
}
interface Paging {
	cursor?: string;
	limit?: number;
}
type AuditFilter = Paging & { action?: string; actor?: string; target?: string; from?: string; to?: string };

interface PendingPaths {
	'/api/v1/session': { get: Op<Session>; delete: Op<void>; post: Op<Session, { email: string; password: string; code?: string }> };
	'/api/v1/me': { patch: Op<Me, { name?: string; language?: string; theme?: Theme }> };
	'/api/v1/me/password': { post: Op<void, { current: string; new: string }> };
	'/api/v1/me/sessions': { get: Op<List<SessionRow>> };
	'/api/v1/me/sessions/{id}': { delete: Op<void, never, Id> };
	'/api/v1/me/totp': { post: Op<TotpStart>; delete: Op<void, { password: string }> };
	'/api/v1/me/totp/confirm': { post: Op<void, { code: string }> };

	'/api/v1/members': { get: Op<List<Member>, never, NoPath, Paging> };
	'/api/v1/members/{user_id}': { patch: Op<Member, { role: Role }, { user_id: string }>; delete: Op<void, never, { user_id: string }> };
	'/api/v1/invitations': { get: Op<List<Invitation>, never, NoPath, Paging>; post: Op<Invitation, { email: string; role: Role }> };
	'/api/v1/invitations/{id}': { delete: Op<void, never, Id> };
	'/api/v1/api-keys': { get: Op<List<ApiKey>, never, NoPath, Paging>; post: Op<ApiKey, { name: string; scopes: string[]; expires_at?: string | null }> };
	'/api/v1/api-keys/{id}': { delete: Op<void, never, Id> };
	'/api/v1/audit': { get: Op<List<AuditRow>, never, NoPath, AuditFilter> };
	'/api/v1/settings': { get: Op<Settings>; patch: Op<Settings, { language?: string; whatsapp_enabled?: boolean }> };

	'/api/v1/admin/users': { get: Op<List<AdminUser>, never, NoPath, Paging & { q?: string }> };
	'/api/v1/admin/users/{id}': { patch: Op<AdminUser, { status?: 'active' | 'disabled'; platform_admin?: boolean }, Id> };
	'/api/v1/admin/invitations': { get: Op<List<Invitation>, never, NoPath, Paging>; post: Op<Invitation, { email: string; tenant_id?: string; role?: Role }> };
	'/api/v1/admin/invitations/{id}': { delete: Op<void, never, Id> };
	'/api/v1/admin/api-keys': { get: Op<List<ApiKey>, never, NoPath, Paging>; post: Op<ApiKey, { name: string; scopes: string[]; expires_at?: string | null }> };
	'/api/v1/admin/api-keys/{id}': { delete: Op<void, never, Id> };
	'/api/v1/admin/audit': { get: Op<List<AuditRow>, never, NoPath, AuditFilter & { tenant_id?: string }> };
	'/api/v1/admin/health': { get: Op<AdminHealth> };

	'/api/v1/conversations': {
		get: Op<List<Conversation>, never, NoPath, Paging & { view?: string; status?: string; unread?: boolean; q?: string; phone_number_id?: string }>;
	};
	'/api/v1/conversations/counts': { get: Op<Counts> };
	'/api/v1/conversations/{id}': {
		get: Op<Conversation, never, Id>;
		patch: Op<Conversation, { status?: 'open' | 'closed' | 'snoozed'; snoozed_until?: string | null; assigned_to?: string | null }, Id>;
	};
	'/api/v1/conversations/{id}/notes': { post: Op<Message, { text: string }, Id> };
	'/api/v1/conversations/{id}/read': { post: Op<void, never, Id> };
	'/api/v1/conversations/{id}/presence': { post: Op<void, { typing: boolean }, Id> };
	'/api/v1/messages': {
		get: Op<List<Message>, never, NoPath, Paging & { conversation_id?: string; internal?: boolean; wamid?: string }>;
		post: Op<{ id: string; status: MessageStatus; conversation_id?: string | null; repeated: boolean }, Record<string, unknown>>;
	};
	'/api/v1/messages/{id}': { get: Op<Message, never, Id> };
	'/api/v1/messages/{id}/settle': { post: Op<Message | undefined, { decision: 'send_again' | 'mark_sent' | 'give_up' }, Id> };
	'/api/v1/quick-replies': { get: Op<List<QuickReply>, never, NoPath, Paging>; post: Op<QuickReply, { shortcut: string; text: string }> };
	'/api/v1/quick-replies/{id}': { put: Op<QuickReply, { shortcut: string; text: string }, Id>; delete: Op<void, never, Id> };
	'/api/v1/templates': { get: Op<List<Template>> };
}

/** What the client knows: the document, and over it what is still pending. */
export type Paths = Omit<paths, keyof PendingPaths> & PendingPaths;
