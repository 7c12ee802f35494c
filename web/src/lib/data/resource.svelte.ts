// What a page asked the server for: not there yet, there, or failed. Asking again keeps what is shown until the
// answer is there, so that nothing flickers.
import { asProblem } from '$lib/api';
import { explain, toasts } from '$lib/ui';

export class Resource<T> {
	data = $state.raw<T | null>(null);
	error = $state.raw<unknown>(null);
	busy = $state(false);
	#get: () => Promise<T>;
	#turn = 0;

	constructor(get: () => Promise<T>) {
		this.#get = get;
	}

	/** Asks. Of answers that overtake each other the newest question's counts. */
	load = async (): Promise<void> => {
		const turn = ++this.#turn;
		this.busy = true;
		try {
			const data = await this.#get();
			if (turn !== this.#turn) return;
			this.data = data;
			this.error = null;
		} catch (error) {
			if (turn !== this.#turn) return;
			// What is shown stays; a passing fault of a refresh is told, not put in its place.
			if (this.data === null) this.error = asProblem(error);
			else toasts.error(explain(error));
		} finally {
			if (turn === this.#turn) this.busy = false;
		}
	};

	/** Forgets what is there and asks: the question has changed. */
	again = async (): Promise<void> => {
		this.data = null;
		this.error = null;
		await this.load();
	};

	/** Puts a value in the place of the answer, as after a change that gave it back. */
	set(data: T): void {
		this.#turn += 1;
		this.busy = false;
		this.data = data;
		this.error = null;
	}
}

interface Page<Row> {
	data: Row[];
	next?: string | null;
}

/** A list that comes in pages. */
export class Pages<Row> {
	rows = $state.raw<Row[] | null>(null);
	next = $state<string | null>(null);
	error = $state.raw<unknown>(null);
	busy = $state(false);
	#get: (cursor?: string) => Promise<Page<Row>>;
	#turn = 0;

	constructor(get: (cursor?: string) => Promise<Page<Row>>) {
		this.#get = get;
	}

	/** The first page; rows that are shown stay until it is there. */
	load = async (): Promise<void> => this.#take(undefined);
	/** The page after what is shown. */
	more = async (): Promise<void> => this.#take(this.next ?? undefined);
	/** Forgets the rows and asks: the question has changed. */
	again = async (): Promise<void> => {
		this.rows = null;
		this.error = null;
		await this.load();
	};

	async #take(cursor: string | undefined): Promise<void> {
		const turn = ++this.#turn;
		this.busy = true;
		try {
			const page = await this.#get(cursor);
			if (turn !== this.#turn) return;
			this.rows = cursor ? [...(this.rows ?? []), ...page.data] : page.data;
			this.next = page.next ?? null;
			this.error = null;
		} catch (error) {
			if (turn !== this.#turn) return;
			if (this.rows === null) this.error = asProblem(error);
			else toasts.error(explain(error));
		} finally {
			if (turn === this.#turn) this.busy = false;
		}
	}
}

/** Every row of a paged list, at most `most`: for lists that are searched in the page. */
export async function everyPage<Row>(get: (cursor?: string) => Promise<Page<Row>>, most = 10_000): Promise<Row[]> {
	const rows: Row[] = [];
	let cursor: string | undefined;
	do {
		const page = await get(cursor);
		rows.push(...page.data);
		cursor = page.next ?? undefined;
	} while (cursor && rows.length < most);
	return rows;
}

/** Calls at most once in `ms`, and once more at the end: for streams that ring often. */
export function seldom(call: () => void, ms: number): { ring: () => void; stop: () => void } {
	let timer: ReturnType<typeof setTimeout> | null = null;
	let again = false;
	const tick = () => {
		timer = null;
		if (again) ring();
	};
	const ring = () => {
		if (timer) {
			again = true;
			return;
		}
		again = false;
		timer = setTimeout(tick, ms);
		call();
	};
	return { ring, stop: () => timer && clearTimeout(timer) };
}
