// The names under which the application knows the API's shapes. Pages import from here, never from `schema.d.ts`.
import type { components } from './schema';

export type Role = 'owner' | 'manager' | 'agent' | 'viewer';
export type Theme = 'system' | 'light' | 'dark';
/** Whose conversations somebody sees. */
export type Reach = 'all' | 'own';

/** Words that the document gives as plain strings, by the name of their field. */
interface Words {
	role: Role;
	theme: Theme;
	conversations: Reach;
}
/** An answer of the API with its words narrowed to those there are. */
export type Known<T> = T extends readonly (infer Row)[]
	? Known<Row>[]
	: T extends object
		? { [Name in keyof T]: Name extends keyof Words ? Words[Name] | Extract<T[Name], null | undefined> : Known<T[Name]> }
		: T;

type Shape<Name extends keyof components['schemas']> = Known<components['schemas'][Name]>;

export type Session = Shape<'SessionView'>;
export type SessionRow = Shape<'OwnSession'>;
export type TotpStart = Shape<'TotpEnrolment'>;
export type Settings = Shape<'SettingsView'>;

export type Member = Shape<'MemberView'>;
/** `url` and `sent` only in the answer to making one. */
export type Invitation = Shape<'InvitationView'> & Partial<Shape<'CreatedInvitation'>>;
export type AdminUser = Shape<'UserOfPlatform'>;
export type ApiKey = Shape<'ApiKeyView'>;
export type AuditRow = Shape<'AuditView'>;
export type AccountEvent = Shape<'AccountEventView'>;
export type Alert = Shape<'AlertView'>;

export type Conversation = Shape<'ConversationView'>;
export type Counts = Shape<'Counts'>;
export type Message = Shape<'MessageView'>;
export type NewMessage = Shape<'NewMessage'>;
export type Media = Shape<'Medium'>;
export type MediaUsage = Shape<'UsageView'>;
export type MissingMedia = Shape<'MissingView'>;
export type TenantMedia = Shape<'TenantMediaView'>;
export type Contact = Shape<'ContactView'>;
export type QuickReply = Shape<'QuickReplyView'>;
export type Template = Shape<'TemplateView'>;
/** What of a template's component, which is Meta's own, the application reads. */
export interface TemplateComponent {
	type: string;
	format?: string;
	text?: string;
	buttons?: { type: string; text?: string; url?: string; phone_number?: string }[];
	example?: Record<string, unknown>;
}

export type Queue = Shape<'QueueOverview'>;
export type NumberQueue = Shape<'NumberQueueView'>;
export type BatchQueue = Shape<'BatchQueueView'>;
export type AdminQueueRow = Shape<'TenantQueueView'>;
export type Uncertain = Shape<'UncertainView'>;
export type DeadLetter = Shape<'DeadLetterView'>;
export type DeadLetters = Shape<'SummaryView'>;
export type Retried = Shape<'Retried'>;
export type Life = Shape<'LifeView'>;

export type Tenant = Shape<'TenantView'>;
export type TenantOnWhatsApp = Shape<'TenantOnWhatsApp'>;
export type PhoneNumber = Shape<'PhoneNumberView'>;
export type PhoneNumbers = Shape<'PhoneNumbers'>;
export type Intake = Shape<'IntakeView'>;
export type Parked = Shape<'ParkedView'>;
export type AdminHealth = Shape<'InstallationView'>;
