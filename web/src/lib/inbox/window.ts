// Which rows of a long list are drawn, from their heights. Pure; the heights are measured where the list is.

export interface Layout {
	/** Where each row begins, and at the end the whole height. */
	starts: Float64Array;
}

export function layout(count: number, heightOf: (place: number) => number): Layout {
	const starts = new Float64Array(count + 1);
	for (let place = 0; place < count; place += 1) starts[place + 1] = (starts[place] ?? 0) + heightOf(place);
	return { starts };
}

/** The row at a distance from the top: the last one that begins at or before it. */
export function rowAt({ starts }: Layout, offset: number): number {
	let low = 0;
	let high = starts.length - 2;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if ((starts[middle] ?? 0) <= offset) low = middle;
		else high = middle - 1;
	}
	return Math.max(0, low);
}

/** The rows between two distances, with some beyond on both sides; `end` is not included. */
export function visible(list: Layout, top: number, height: number, beyond: number): { start: number; end: number } {
	const count = list.starts.length - 1;
	if (count === 0) return { start: 0, end: 0 };
	return { start: rowAt(list, Math.max(0, top - beyond)), end: Math.min(count, rowAt(list, top + height + beyond) + 1) };
}

/** Near enough to the end to be at it, in pixels. */
const NEAR = 48;

/**
 * Whether a list that follows its end still does after it was scrolled. Only a person leaves the end, and by scrolling
 * up. When rows turn out taller or shorter than they were taken for, the end moves away instead, and the list follows.
 */
export function followsEnd(following: boolean, before: number, top: number, below: number, person: boolean): boolean {
	if (below < NEAR) return true;
	return following && (!person || top >= before - 1);
}
