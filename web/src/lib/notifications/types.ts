// The shapes of events, rules and sources, under the names by which the pages know them.
import type { components } from '$lib/api/schema';

type Shape<Name extends keyof components['schemas']> = components['schemas'][Name];

export type EventRow = Shape<'EventView'>;
export type WholeEvent = Shape<'WholeEventView'>;
export type Result = Shape<'EventResultView'>;
export type Rule = Shape<'NotificationRuleView'>;
/** A rule as it is written; the form makes it. */
export type RuleBody = Shape<'NotificationRule'>;
export type DryRun = Shape<'DryRunView'>;
export type EventSource = Shape<'EventSourceView'>;
export type NewSource = Shape<'NewEventSourceView'>;
export type SourceBody = Shape<'WrittenEventSource'>;
