// A problem in a sentence for the person: ours where the code is known, else the server's.
import { asProblem } from '$lib/api';
import { i18n, t } from '$lib/i18n';

export function explain(error: unknown): string {
	const problem = asProblem(error);
	const known = explainCode(problem.code, problem.message, problem.retryAfter);
	if (known) return known;
	if (problem.status >= 500) return t('error.server', { detail: problem.message });
	return problem.message;
}

/** What a code of the server's means, where it is one that people meet. */
export function explainCode(code: string, detail: string, retryAfter: number | null = null): string | null {
	return i18n.maybe(`error.${code}`, { detail, seconds: retryAfter ?? 60 });
}
