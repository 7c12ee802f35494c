// Laying JSON out for reading without reading it into numbers: what came is shown as it came, digit for digit.
export interface Piece {
	kind: 'key' | 'text' | 'number' | 'word' | 'mark' | 'space';
	text: string;
}

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/g;

/** The pieces of a JSON text, indented by two; null when it is no JSON. */
export function layOut(json: string): Piece[] | null {
	try {
		JSON.parse(json);
	} catch {
		return null;
	}
	const tokens = json.match(token) ?? [];
	const pieces: Piece[] = [];
	let depth = 0;
	const line = () => pieces.push({ kind: 'space', text: `\n${'  '.repeat(depth)}` });
	tokens.forEach((text, place) => {
		const next = tokens[place + 1];
		if (text === '{' || text === '[') {
			pieces.push({ kind: 'mark', text });
			if (next === '}' || next === ']') return;
			depth += 1;
			line();
		} else if (text === '}' || text === ']') {
			const before = tokens[place - 1];
			if (before !== '{' && before !== '[') {
				depth -= 1;
				line();
			}
			pieces.push({ kind: 'mark', text });
		} else if (text === ',') {
			pieces.push({ kind: 'mark', text });
			line();
		} else if (text === ':') pieces.push({ kind: 'mark', text: ': ' });
		else if (text.startsWith('"')) pieces.push({ kind: next === ':' ? 'key' : 'text', text });
		else pieces.push({ kind: /^[-\d]/.test(text) ? 'number' : 'word', text });
	});
	return pieces;
}
