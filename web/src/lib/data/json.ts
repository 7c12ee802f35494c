// Reading what others have written as JSON, where any part may be missing or of another kind. Pure.
export type Json = Record<string, unknown>;

export const object = (value: unknown): Json => (value && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : {});
export const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
export const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
