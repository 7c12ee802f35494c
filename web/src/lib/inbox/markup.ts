// WhatsApp's own marks in a text: *bold*, _italic_, ~struck~, `code`, ```block```, lists, quotes and links. Pure.
// What comes out is a tree that is rendered by elements, never as HTML.

export type Span =
	| { kind: 'text'; text: string }
	| { kind: 'link'; text: string; href: string }
	| { kind: 'code'; text: string }
	| { kind: 'bold' | 'italic' | 'struck'; spans: Span[] };

export type Block = { kind: 'block'; text: string } | { kind: 'lines'; spans: Span[] } | { kind: 'quote'; spans: Span[] };

const marks = { '*': 'bold', _: 'italic', '~': 'struck' } as const;
const link = /(?:https?:\/\/|www\.)[^\s<>"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d\s().-]{7,}\d/giu;

/** The blocks of a message. */
export function parse(source: string): Block[] {
	const blocks: Block[] = [];
	// Between three backticks nothing else counts.
	const parts = source.split(/```([\s\S]+?)```/);
	parts.forEach((part, place) => {
		if (place % 2 === 1) blocks.push({ kind: 'block', text: part.replace(/^\n|\n$/g, '') });
		else {
			// A block stands on lines of its own: the space beside it is not wanted twice.
			const around = place > 0 ? part.replace(/^[ \t]*\n?/, '') : part;
			const kept = place < parts.length - 1 ? around.replace(/[ \t]*\n?$/, '') : around;
			if (kept) blocks.push(...lines(kept));
		}
	});
	return blocks;
}

function lines(source: string): Block[] {
	const blocks: Block[] = [];
	for (const line of source.split('\n')) {
		const quote = /^> (.*)$/.exec(line);
		const spans = inline(quote ? (quote[1] ?? '') : line.replace(/^[*-] (?=\S)/, '• '));
		const last = blocks[blocks.length - 1];
		const kind = quote ? 'quote' : 'lines';
		if (last && last.kind === kind) last.spans.push({ kind: 'text', text: '\n' }, ...spans);
		else blocks.push({ kind, spans });
	}
	return blocks;
}

const edge = (character: string) => character === '' || /[^\p{L}\p{N}]/u.test(character);

function inline(source: string): Span[] {
	const spans: Span[] = [];
	let plain = '';
	const flush = () => {
		if (plain) spans.push(...links(plain));
		plain = '';
	};
	for (let at = 0; at < source.length; at += 1) {
		const character = source.charAt(at);
		if (character === '`') {
			const end = source.indexOf('`', at + 1);
			if (end > at + 1) {
				flush();
				spans.push({ kind: 'code', text: source.slice(at + 1, end) });
				at = end;
				continue;
			}
		}
		const kind = marks[character as keyof typeof marks];
		if (kind) {
			const end = closing(source, at);
			if (end !== -1) {
				flush();
				spans.push({ kind, spans: inline(source.slice(at + 1, end)) });
				at = end;
				continue;
			}
		}
		plain += character;
	}
	flush();
	return spans;
}

/** Where a mark that opens at `at` closes: it hugs its text on the inside and stands at a word's edge on the outside. */
function closing(source: string, at: number): number {
	const mark = source.charAt(at);
	if (!edge(source.charAt(at - 1)) || /\s/.test(source.charAt(at + 1)) || source.charAt(at + 1) === mark) return -1;
	// A mark within an address belongs to the address.
	for (const found of source.matchAll(link)) if (found.index < at && at < found.index + found[0].length) return -1;
	for (let end = source.indexOf(mark, at + 2); end !== -1; end = source.indexOf(mark, end + 1)) {
		if (!/\s/.test(source.charAt(end - 1)) && edge(source.charAt(end + 1))) return end;
	}
	return -1;
}

function links(source: string): Span[] {
	const spans: Span[] = [];
	let from = 0;
	for (const found of source.matchAll(link)) {
		// Full stops and brackets at the end belong to the sentence.
		const address = found[0].replace(/[.,;:!?)\]}'"»]+$/u, '');
		if (found.index > from) spans.push({ kind: 'text', text: source.slice(from, found.index) });
		spans.push({ kind: 'link', text: address, href: hrefOf(address) });
		from = found.index + address.length;
	}
	if (from < source.length) spans.push({ kind: 'text', text: source.slice(from) });
	return spans;
}

function hrefOf(address: string): string {
	if (address.startsWith('+')) return `tel:${address.replace(/[^\d+]/g, '')}`;
	if (/^https?:/i.test(address)) return address;
	return address.includes('@') ? `mailto:${address}` : `https://${address}`;
}

/** An address that may be opened: the web alone, whatever a message says. */
export function safeHref(address: string): string | null {
	try {
		const url = new URL(address);
		return ['http:', 'https:'].includes(url.protocol) ? url.href : null;
	} catch {
		return null;
	}
}
