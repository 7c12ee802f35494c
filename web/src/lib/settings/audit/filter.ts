// What of the audit log is wanted: as the page's address keeps it, and as the server is asked.
export interface AuditFilter {
	action: string;
	actor: string;
	/** Days as a date field writes them, in the reader's time zone; both are included. */
	from: string;
	to: string;
	tenant_id: string;
	target: string;
}

const names = ['action', 'actor', 'from', 'to', 'tenant_id', 'target'] as const;

export const noFilter = (): AuditFilter => ({ action: '', actor: '', from: '', to: '', tenant_id: '', target: '' });

export function filterOf(address: URLSearchParams): AuditFilter {
	const filter = noFilter();
	for (const name of names) filter[name] = address.get(name) ?? '';
	return filter;
}

export function addressOf(filter: AuditFilter): string {
	const address = new URLSearchParams();
	for (const name of names) if (filter[name]) address.set(name, filter[name]);
	const text = address.toString();
	return text ? `?${text}` : '';
}

/** As the server is asked: days become moments, from midnight to the midnight after. */
export function query(filter: AuditFilter): Partial<AuditFilter> {
	const asked: Partial<AuditFilter> = {};
	for (const name of names) if (filter[name]) asked[name] = filter[name];
	const from = moment(filter.from, 0);
	const to = moment(filter.to, 1);
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

/** The address of the whole log as a file. A link, so the tenant stands in it. */
export function exportAddress(base: string, filter: AuditFilter, format: 'csv' | 'jsonl', tenant?: string): string {
	const address = new URLSearchParams({ format, ...query(filter), ...(tenant ? { tenant } : {}) });
	return `${base}/export?${address}`;
}

/** Beginnings of actions to choose from. */
export const areas = ['tenant.', 'number.', 'settings.', 'auto_replies.', 'quick_reply.', 'member.', 'invitation.', 'user.', 'session.', 'api_key.', 'intake.', 'message.', 'queue.', 'media.', 'connection.', 'setup_link.', 'platform.', 'callback.', 'alert.', 'template.'];
