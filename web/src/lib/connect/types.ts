// The shapes of connections as the API's document names them, with the words that there are.
import type { components } from '$lib/api/schema';

type Shape<Name extends keyof components['schemas']> = components['schemas'][Name];

export type Way = 'shared' | 'solution_partner' | 'tech_provider' | 'own_credentials';
export type ConnectionState = 'connecting' | 'connected' | 'action_needed' | 'disconnected';
export type RunState = 'running' | 'waiting' | 'failed' | 'done' | 'cancelled';
export type StepState = 'pending' | 'running' | 'done' | 'skipped' | 'failed';
export type TokenState = 'valid' | 'expiring' | 'invalid' | 'none';
export type BillingMode = 'direct' | 'rebilled';

export type RunStep = Omit<Shape<'ConnectionStepView'>, 'state'> & { state: StepState };
export type Run = Omit<Shape<'RunView'>, 'kind' | 'state' | 'steps'> & { kind: 'connect' | 'reconnect' | 'resume'; state: RunState; steps: RunStep[] };
export type ConnectedNumber = Shape<'ConnectedNumberView'>;
/** As the API gives it. */
export type ConnectionShape = Shape<'ConnectionView'>;
export type Connection = Omit<ConnectionShape, 'way' | 'state' | 'billing_mode' | 'token' | 'run'> & {
	way: Way;
	state: ConnectionState;
	billing_mode: BillingMode;
	token: Omit<Shape<'TokenView'>, 'state'> & { state: TokenState };
	run?: Run | null;
};
export type Setup = Shape<'SetupView'>;
