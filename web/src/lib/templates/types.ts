// The shapes of templates, under the names by which the pages know them.
import type { components } from '$lib/api/schema';
import type { Template } from '$lib/api';

type Shape<Name extends keyof components['schemas']> = components['schemas'][Name];

export type { Template };
export type TemplateDetail = Shape<'WholeTemplate'>;
/** What uses a template: the server's uses, and rules. */
export interface Use {
	kind: string;
	id?: string | null;
	name?: string | null;
	count?: number | null;
}
export type Change = Shape<'TemplateStepView'>;
export type Checked = Shape<'Checked'>;
export type Uploaded = Shape<'Handle'>;
