// What goes wrong when the server is asked, as one type: its problem+json, or no answer at all.

export interface FieldProblem {
	field: string;
	message: string;
}

export class ApiError extends Error {
	/** HTTP status; 0 when the server could not be reached. */
	readonly status: number;
	/** Stable word for programs: `invalid`, `not_found`, `offline` … */
	readonly code: string;
	/** Mistakes by field, for forms. */
	readonly fields: FieldProblem[];
	/** Seconds to wait, where the server says so. */
	readonly retryAfter: number | null;

	constructor(status: number, code: string, message: string, fields: FieldProblem[] = [], retryAfter: number | null = null) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.code = code;
		this.fields = fields;
		this.retryAfter = retryAfter;
	}

	/** The mistake of one field (or of something below it), for the place beside it. */
	of(field: string): string | undefined {
		return this.fields.find((problem) => problem.field === field || problem.field.startsWith(`${field}.`))?.message;
	}

	/** Whether asking again may help: no answer, or the server says so. */
	get passing(): boolean {
		return this.status === 0 || this.status === 429 || this.status >= 500;
	}
}

/** Reads a response that is not a success. */
export async function problemOf(response: Response): Promise<ApiError> {
	let body: Record<string, unknown> = {};
	try {
		const parsed: unknown = JSON.parse(await response.text());
		if (parsed && typeof parsed === 'object') body = parsed as Record<string, unknown>;
	} catch {
		// A proxy's page or nothing: the status says enough.
	}
	const fields = Array.isArray(body.errors)
		? body.errors.map((error: Record<string, unknown>) => ({ field: String(error.field ?? ''), message: String(error.message ?? error.problem ?? '') }))
		: [];
	const retryAfter = Number(response.headers.get('Retry-After'));
	return new ApiError(
		response.status,
		typeof body.code === 'string' ? body.code : `http_${response.status}`,
		String(body.detail ?? body.title ?? response.statusText ?? response.status),
		fields,
		Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null
	);
}

/** Any thrown value as an `ApiError`: a failed fetch is "offline". */
export function asProblem(error: unknown): ApiError {
	if (error instanceof ApiError) return error;
	// Also one that never answered in its time.
	if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return new ApiError(0, 'offline', error.message);
	return new ApiError(0, 'unexpected', error instanceof Error ? error.message : String(error));
}
