// A problem in a sentence for the person: ours where the code is known, else the server's.
import { asProblem } from '$lib/api';
import { i18n, t } from '$lib/i18n';

export function explain(error: unknown): string {
	const problem = asProblem(error);
	const known = i18n.maybe(`error.${problem.code}`, { seconds: problem.retryAfter ?? 60 });
	if (known) return known;
	if (problem.status >= 500) return t('error.server', { detail: problem.message });
	return problem.message;
}
