// Which scope a page of the platform needs.
const special: [string, string][] = [
	['/platform/audit', 'platform:audit'],
	['/platform/people', 'platform:people'],
	['/platform/keys', 'platform:write']
];

export const scopeOf = (path: string): string => special.find(([start]) => path === start || path.startsWith(`${start}/`))?.[1] ?? 'platform:read';
