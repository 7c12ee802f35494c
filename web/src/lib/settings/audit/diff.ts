// What changed between two states of a thing, as lines of a table.
export interface Change {
	/** Dotted, such as `text.body`. */
	field: string;
	before: string | null;
	after: string | null;
	changed: boolean;
}

type Json = Record<string, unknown> | null;

function flatten(value: unknown, path: string, into: Map<string, string>): void {
	if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
		const entries = Object.entries(value);
		if (entries.length === 0 && path) into.set(path, '{}');
		for (const [name, inner] of entries) flatten(inner, path ? `${path}.${name}` : name, into);
	} else if (Array.isArray(value)) {
		const simple = value.every((item) => item === null || typeof item !== 'object');
		into.set(path, simple ? value.map(String).join(', ') : JSON.stringify(value));
	} else into.set(path, value === null || value === undefined ? '' : String(value));
}

/** Every field of both, those that differ first; null where a side does not have it. */
export function changes(before: Json, after: Json): Change[] {
	const [old, fresh] = [new Map<string, string>(), new Map<string, string>()];
	if (before) flatten(before, '', old);
	if (after) flatten(after, '', fresh);
	const fields = [...new Set([...old.keys(), ...fresh.keys()])];
	const lines = fields.map((field) => {
		const [was, is] = [old.get(field) ?? null, fresh.get(field) ?? null];
		return { field, before: was, after: is, changed: was !== is };
	});
	return [...lines.filter((line) => line.changed), ...lines.filter((line) => !line.changed)];
}
