// A form on its way to the server: busy, and what is wrong at which field.
import { tick } from 'svelte';
import { asProblem, type ApiError } from '$lib/api';
import { explain } from '$lib/ui';
import { mistake } from './mistake';

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
		const told = this.#problem?.of(field);
		return this.#own[field] ?? (told ? mistake(told) : null);
	}

	/** What is wrong and belongs to no field of the form. */
	get rest(): string | null {
		const problem = this.#problem;
		if (!problem) return null;
		const elsewhere = problem.fields.filter(({ field }) => !this.#fields.some((own) => field === own || field.startsWith(`${own}.`)));
		if (problem.fields.length > 0 && elsewhere.length === 0) return null;
		return elsewhere.length > 0 ? elsewhere.map(({ field, message }) => `${field}: ${mistake(message)}`).join(' ') : explain(problem);
	}

	/** Notes mistakes that need no server: `{ name: t('…') }`. True when there are none. */
	check(mistakes: Record<string, string | false | null | undefined>): boolean {
		this.#problem = null;
		this.#own = Object.fromEntries(Object.entries(mistakes).filter((entry): entry is [string, string] => Boolean(entry[1])));
		const fine = Object.keys(this.#own).length === 0;
		if (!fine) void toFirstMistake();
		return fine;
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
			void toFirstMistake();
			return false;
		} finally {
			this.busy = false;
		}
	}
}

/** Brings the person to the first field that is wrong. */
async function toFirstMistake(): Promise<void> {
	await tick();
	document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
