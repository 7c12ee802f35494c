// What of the messages is wanted: as the page's address keeps it, and as the server is asked.
export interface HistoryFilter {
	q: string;
	direction: string;
	type: string;
	status: string;
	phone_number_id: string;
	contact_id: string;
	/** Days as a date field writes them, in the reader's time zone; both are included. */
	from: string;
	to: string;
}

const names = ['q', 'direction', 'type', 'status', 'phone_number_id', 'contact_id', 'from', 'to'] as const;

export const types = ['text', 'image', 'audio', 'video', 'document', 'sticker', 'location', 'contacts', 'interactive', 'button', 'template', 'reaction', 'order'] as const;
export const statuses = ['received', 'queued', 'held', 'sending', 'uncertain', 'accepted', 'sent', 'delivered', 'read', 'played', 'failed', 'expired', 'cancelled'] as const;

export const noFilter = (): HistoryFilter => ({ q: '', direction: '', type: '', status: '', phone_number_id: '', contact_id: '', from: '', to: '' });

export function filterOf(address: URLSearchParams): HistoryFilter {
	const filter = noFilter();
	for (const name of names) filter[name] = address.get(name) ?? '';
	return filter;
}

export function addressOf(filter: HistoryFilter): string {
	const address = new URLSearchParams();
	for (const name of names) if (filter[name].trim()) address.set(name, filter[name].trim());
	const text = address.toString();
	return text ? `?${text}` : '';
}

/** As the server is asked: days become moments, from midnight to the midnight after. */
export function query(filter: HistoryFilter): Partial<HistoryFilter> {
	const asked: Partial<HistoryFilter> = {};
	for (const name of names) if (filter[name].trim()) asked[name] = filter[name].trim();
	const [from, to] = [moment(filter.from, 0), moment(filter.to, 1)];
	if (from) asked.from = from;
	else delete asked.from;
	if (to) asked.to = to;
	else delete asked.to;
	return asked;
}

function moment(day: string, later: number): string | null {
	const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
	if (!found) return null;
	const time = new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]) + later);
	return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
