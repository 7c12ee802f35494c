// The places of values in what another system reports, and what stands there. Pure. The server follows paths by RFC 9535;
// here only those that are offered are followed: names and places in lists.
import { object } from '$lib/data/json';

export interface Found {
	path: string;
	value: string;
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const step = (name: string) => (plainName.test(name) ? `.${name}` : `['${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`);

/** Every text, number and yes or no in a value, with its path: `data.order.total`. Of lists the first element. */
export function pathsIn(value: unknown, most = 200): Found[] {
	const found: Found[] = [];
	const walk = (one: unknown, path: string, depth: number): void => {
		if (found.length >= most || depth > 12) return;
		if (Array.isArray(one)) {
			if (one.length > 0) walk(one[0], `${path}[0]`, depth + 1);
		} else if (one && typeof one === 'object') for (const [name, inner] of Object.entries(one)) walk(inner, path ? path + step(name) : plainName.test(name) ? name : `$${step(name)}`, depth + 1);
		else if (one !== null && one !== undefined) found.push({ path, value: String(one) });
	};
	walk(value, '', 0);
	return found;
}

/** `$.data.order.total` as people write it. */
export const short = (path: string): string => path.replace(/^\$\./, '');

/** What a plain path finds; null where it finds nothing or is not a plain one. */
export function at(value: unknown, path: string): string | null {
	const steps = short(path.trim()).replace(/^\$/, '').match(/\[\d+\]|\['(?:[^'\\]|\\.)*'\]|[A-Za-z_][A-Za-z0-9_]*/g);
	if (!steps) return null;
	let here: unknown = value;
	for (const one of steps) {
		const place = /^\[(\d+)\]$/.exec(one);
		if (place) here = Array.isArray(here) ? here[Number(place[1])] : undefined;
		else here = object(here)[one.startsWith('[') ? one.slice(2, -2).replace(/\\(.)/g, '$1') : one];
	}
	return here === null || here === undefined || typeof here === 'object' ? null : String(here);
}

/** Reads a sample: the object, or where it is not one. */
export function readSample(text: string): { data: Record<string, unknown> } | { wrong: string } {
	try {
		const value: unknown = JSON.parse(text);
		if (!value || typeof value !== 'object' || Array.isArray(value)) return { wrong: 'object' };
		const whole = value as Record<string, unknown>;
		// A whole event is taken too.
		if (typeof whole.type === 'string' && whole.data && typeof whole.data === 'object' && !Array.isArray(whole.data)) return { data: whole.data as Record<string, unknown> };
		return { data: whole };
	} catch (error) {
		return { wrong: error instanceof Error ? error.message : 'json' };
	}
}
