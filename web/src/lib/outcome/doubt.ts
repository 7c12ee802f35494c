// Why nobody knows what became of a send, from what the connection said. Pure.

export type Doubt = 'late' | 'broken' | 'stopped' | 'odd' | 'lost';

/** The kind of a technical reason; each has its sentence in every language. */
export function doubtOf(reason: string | null | undefined): Doubt {
	const said = (reason ?? '').toLowerCase();
	if (/time[d]?[ -]?out|deadline|in time|elapsed/.test(said)) return 'late';
	if (/stopped|restart|ended|crash|process|role/.test(said)) return 'stopped';
	if (/connection|reset|closed|broken|pipe|eof|incomplete|error sending request/.test(said)) return 'broken';
	if (/not meta|did not carry|status 5|\b5\d\d\b|html|json/.test(said)) return 'odd';
	return 'lost';
}
