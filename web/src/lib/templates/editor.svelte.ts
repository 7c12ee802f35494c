// A template that is being written: the draft, what is wrong with it, and the pictures that are still on this side.
import { i18n } from '$lib/i18n';
import type { Json } from '$lib/data/json';
import { bodyOf, componentsOf, newDraft, type Body, type Draft } from './draft';
import { elsewhere, problemAt, stands, type Problem } from './places';
import { phoneText, type PhoneText } from './preview';
import type { Checked } from './types';

/** Places of the editor that show their own mistakes. */
const PLACES = ['name', 'language', 'category', 'header', 'body', 'footer', 'buttons', 'cards', 'offer', 'message_send_ttl_seconds', 'ttl'];
const WAIT_MS = 450;

/** The server speaks English; elsewhere the rule is told in the person's language, by its name. */
const inTheirLanguage = (found: Problem): Problem => (i18n.language === 'en' ? found : { ...found, problem: i18n.maybe(`tpl.must.${found.rule}`) ?? found.problem });

export interface Options {
	/** Asks the server what it thinks; none where there is no such question. */
	check?: (body: Body) => Promise<Checked>;
	/** Brings a file to Meta; gives its handle. */
	upload?: (file: File) => Promise<string>;
}

export class TemplateEditor {
	draft = $state<Draft>(newDraft());
	/** Everything is shown, also at fields that nobody has touched. */
	tried = $state(false);
	checking = $state(false);
	/** The files that were chosen here, by their place. */
	pictures = $state<Record<string, string>>({});
	options: Options;
	#problems = $state.raw<Problem[]>([]);
	#warnings = $state.raw<Checked['warnings']>([]);
	#components = $state.raw<Json[]>([]);
	#touched = $state.raw<ReadonlySet<string>>(new Set());
	#timer: ReturnType<typeof setTimeout> | null = null;
	#turn = 0;

	constructor(draft: Draft, options: Options = {}) {
		this.draft = draft;
		this.options = options;
	}

	get body(): Body {
		return bodyOf(this.draft);
	}
	get phone(): PhoneText {
		const { draft } = this;
		const values: Record<string, string> = { ...draft.examples };
		draft.buttons.forEach((button, place) => (values[`button.${place}`] = button.example));
		draft.cards.forEach((card, at) => card.buttons.forEach((button, place) => (values[`card.${at}.button.${place}`] = button.example)));
		if (draft.header.file) values['header.file'] = draft.header.file;
		return phoneText(componentsOf(draft), values, this.pictures);
	}
	get problems(): readonly Problem[] {
		return this.#problems;
	}
	get warnings(): Checked['warnings'] {
		return this.#warnings;
	}

	/** What is wrong at a place. Before somebody has been there, or tried to submit, nothing is. */
	at(place: string, exact = false): string | null {
		const part = place.split('.')[0] ?? place;
		return this.tried || this.#touched.has(part) ? problemAt(this.#problems, this.#components, place, exact) : null;
	}
	/** What is wrong and stands at no field. */
	get rest(): Problem[] {
		return this.tried ? elsewhere(this.#problems, this.#components, PLACES) : [];
	}

	touch(place: string): void {
		if (!this.#touched.has(place)) this.#touched = new Set([...this.#touched, place]);
	}

	/** Notes what the server refused. Fields of a language of several begin with it. */
	refused(problems: readonly Problem[], within = ''): void {
		this.#components = componentsOf(this.draft);
		this.#problems = problems.map((one) => (within && one.field.startsWith(`${within}.`) ? { ...one, field: one.field.slice(within.length + 1) } : one));
		this.tried = true;
	}

	/** Asks soon what is wrong: after the last of several changes. */
	soon(): void {
		if (!this.options.check) {
			const now = componentsOf(this.draft);
			const open = this.#problems.filter((one) => stands(one, this.#components, now));
			if (open.length < this.#problems.length) this.#problems = open;
			return;
		}
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.check(), WAIT_MS);
	}

	/** Asks now. True when nothing is wrong, or when nobody can say. */
	async check(): Promise<boolean> {
		if (this.#timer) clearTimeout(this.#timer);
		if (!this.options.check) return true;
		const turn = ++this.#turn;
		const body = this.body;
		this.checking = true;
		try {
			const found = await this.options.check($state.snapshot(body) as Body);
			if (turn !== this.#turn) return true;
			this.#components = body.components;
			this.#problems = found.problems.map(inTheirLanguage);
			this.#warnings = found.warnings;
			return found.problems.length === 0;
		} catch {
			// Submitting says what is wrong.
			return true;
		} finally {
			if (turn === this.#turn) this.checking = false;
		}
	}

	async upload(file: File): Promise<string> {
		if (!this.options.upload) throw new Error('Files cannot be uploaded here.');
		return this.options.upload(file);
	}

	/** A picture of this side, for the phone. */
	show(place: string, file: File | null): void {
		const before = this.pictures[place];
		if (before) URL.revokeObjectURL(before);
		if (file?.type.startsWith('image/')) this.pictures[place] = URL.createObjectURL(file);
		else delete this.pictures[place];
	}

	close(): void {
		if (this.#timer) clearTimeout(this.#timer);
		for (const url of Object.values(this.pictures)) URL.revokeObjectURL(url);
	}
}
