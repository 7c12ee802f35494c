// Finding by a few letters: every word of the query must begin or be in a word of the text. Accents and case do not count.

export function plain(text: string): string {
	return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** How well a text fits a query: 0 not at all, higher is better. */
export function score(query: string, text: string): number {
	const words = plain(query).split(/\s+/).filter(Boolean);
	if (words.length === 0) return 1;
	const target = plain(text);
	let total = 0;
	for (const word of words) {
		const at = target.indexOf(word);
		if (at === -1) return 0;
		total += at === 0 ? 4 : /[\s:·/]/.test(target.charAt(at - 1)) ? 3 : 1;
	}
	return total / words.length;
}
