// The names under which the application knows the API's shapes. Pages import from here, never from schema or pending.
import type { components } from './schema';
export type * from './pending';

export type Tenant = components['schemas']['TenantView'];
export type TenantOnWhatsApp = components['schemas']['TenantOnWhatsApp'];
export type PhoneNumber = components['schemas']['PhoneNumberView'];
export type PhoneNumbers = components['schemas']['PhoneNumbers'];
export type Intake = components['schemas']['IntakeView'];
export type Parked = components['schemas']['ParkedView'];
export type Contact = components['schemas']['ContactView'];
