// A form on its way to the server: busy, and what is wrong at which field.
import { asProblem, type ApiError } from '$lib/api';
import { explain } from '$lib/ui';

export class Form {
	busy = $state(false);
	#problem = $state.raw<ApiError | null>(null);
	#own = $state.raw<Record<string, string>>({});
	#fields: string[];

	/** The names of the fields that show their own mistakes, as the API calls them. */
	constructor(...fields: string[]) {
		this.#fields = fields;
	}

	/** What is wrong with a field. */
	of(field: string): string | null {
		return this.#own[field] ?? this.#problem?.of(field) ?? null;
	}

	/** What is wrong and belongs to no field of the form. */
	get rest(): string | null {
		const problem = this.#problem;
		if (!problem) return null;
		const elsewhere = problem.fields.filter(({ field }) => !this.#fields.some((own) => field === own || field.startsWith(`${own}.`)));
		if (problem.fields.length > 0 && elsewhere.length === 0) return null;
		return elsewhere.length > 0 ? elsewhere.map(({ field, message }) => `${field}: ${message}`).join('. ') : explain(problem);
	}

	/** Notes mistakes that need no server: `{ name: t('…') }`. True when there are none. */
	check(mistakes: Record<string, string | false | null | undefined>): boolean {
		this.#problem = null;
		this.#own = Object.fromEntries(Object.entries(mistakes).filter((entry): entry is [string, string] => Boolean(entry[1])));
		return Object.keys(this.#own).length === 0;
	}

	clear(): void {
		this.#problem = null;
		this.#own = {};
	}

	/** Does the work; a mistake is kept for its place and false given back. */
	async send(work: () => Promise<unknown>): Promise<boolean> {
		if (this.busy) return false;
		this.busy = true;
		this.clear();
		try {
			await work();
			return true;
		} catch (error) {
			this.#problem = asProblem(error);
			return false;
		} finally {
			this.busy = false;
		}
	}
}
