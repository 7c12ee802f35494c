// Asking before something that cannot be taken back: `if (await confirm({…})) …`.
export interface Question {
	title: string;
	body: string;
	/** What the button does: "Unassign", not "OK". */
	action: string;
	danger?: boolean;
}

class Asking {
	question = $state<Question | null>(null);
	#answer: ((yes: boolean) => void) | null = null;

	ask(question: Question): Promise<boolean> {
		this.#answer?.(false);
		this.question = question;
		return new Promise((resolve) => (this.#answer = resolve));
	}

	answer(yes: boolean): void {
		this.question = null;
		this.#answer?.(yes);
		this.#answer = null;
	}
}

export const asking = new Asking();

/** Asks in a dialog; false when it is closed. */
export const confirm = (question: Question): Promise<boolean> => asking.ask(question);
