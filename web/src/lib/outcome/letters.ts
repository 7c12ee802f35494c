// The filter of the page of dead letters: read from and written to the address. Pure.
export interface LetterFilter {
	state: string;
	status: string;
	code: string;
	phone_number_id: string;
	type: string;
	batch: string;
	from: string;
	to: string;
}

export const noFilter = (): LetterFilter => ({ state: 'open', status: '', code: '', phone_number_id: '', type: '', batch: '', from: '', to: '' });

export function filterOf(search: URLSearchParams): LetterFilter {
	const filter = noFilter();
	for (const name of Object.keys(filter) as (keyof LetterFilter)[]) filter[name] = search.get(name) ?? filter[name];
	return filter;
}

/** `?code=131047`; what stands anyway is left out. */
export function addressOf(filter: LetterFilter): string {
	const plain = noFilter();
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(filter)) if (value !== plain[name as keyof LetterFilter]) search.set(name, value);
	const text = search.toString();
	return text && `?${text}`;
}

/** The start and the end of a day, where the person is. */
const day = (date: string, end: boolean) => (date ? new Date(`${date}T${end ? '23:59:59.999' : '00:00:00'}`).toISOString() : undefined);

/** As the API wants it; `all` of a state narrows nothing. */
export function query(filter: LetterFilter) {
	return {
		state: filter.state === 'all' ? undefined : filter.state || undefined,
		status: filter.status || undefined,
		code: filter.code === '' ? undefined : Number(filter.code),
		phone_number_id: filter.phone_number_id || undefined,
		type: filter.type || undefined,
		batch: filter.batch || undefined,
		from: day(filter.from, false),
		to: day(filter.to, true)
	};
}

interface Reason {
	status: string;
	code: number;
}

/** What ended a message is its outcome and its code: several outcomes have the code 0. */
export const reasonKey = ({ status, code }: Reason): string => `${status}.${code}`;

/** The filter with one reason, or with none. */
export function withReason(filter: LetterFilter, reason: Reason | undefined): LetterFilter {
	if (reason) return { ...filter, status: reason.status, code: String(reason.code) };
	// The outcome came with the reason, and goes with it.
	return { ...filter, status: filter.code === '' ? filter.status : '', code: '' };
}

/** Those of the reasons that a filter chooses. */
export function of<R extends Reason>(reasons: readonly R[], { status, code }: LetterFilter): R[] {
	return code === '' ? [] : reasons.filter((row) => String(row.code) === code && (status === '' || row.status === status));
}

/** The summary counts every reason, whichever is chosen. */
export function summaryQuery(filter: LetterFilter) {
	return query(filter.code === '' ? filter : { ...filter, status: '', code: '' });
}

/** The download of what the page shows. A link carries no header, so it names the tenant. */
export function exportAddress(filter: LetterFilter, format: 'csv' | 'jsonl', tenant: string): string {
	const search = new URLSearchParams({ format, tenant });
	for (const [name, value] of Object.entries(query(filter))) if (value !== undefined) search.set(name, String(value));
	return `/api/v1/dead-letters/export?${search}`;
}
