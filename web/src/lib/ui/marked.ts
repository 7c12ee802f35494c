// The server puts U+0002 before each hit and U+0003 behind it.
export interface Piece {
	text: string;
	hit: boolean;
}

export function pieces(line: string): Piece[] {
	const found: Piece[] = [];
	for (const [place, part] of line.split('\u0002').entries()) {
		const [hit = '', rest] = place === 0 ? ['', part] : part.split('\u0003');
		if (hit) found.push({ text: hit, hit: true });
		if (rest) found.push({ text: rest, hit: false });
	}
	return found;
}
