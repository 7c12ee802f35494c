// Why the server did not take what was written, for its writer: names of fields are for programs.
import type { ApiError } from '$lib/api';
import { t } from '$lib/i18n';
import { mistake } from '$lib/data/mistake';
import { explain } from '$lib/ui/explain';

/** Meta's limits of a text and of a caption, in characters. */
export const LONGEST_TEXT = 4096;
export const LONGEST_CAPTION = 1024;

/** As Meta counts: an emoji is one or a few, not the two halves of each. */
export const characters = (text: string): number => [...text].length;

export function whyRefused(problem: ApiError): string {
	if (problem.of('file')) return t('composer.wrong_file');
	for (const { message } of problem.fields) {
		const found = /has ([\d,]+) characters, at most ([\d,]+)/.exec(message);
		if (found) return t('composer.too_long', { count: number(found[1]), most: number(found[2]) });
	}
	if (problem.fields.length > 0) return t('thread.wrong_value', { detail: problem.fields.map((field) => mistake(field.message)).join(' ') });
	return explain(problem);
}

const number = (text = '') => Number(text.replaceAll(',', ''));
