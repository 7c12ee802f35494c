// What a browser calls itself, in words a person knows. Pure.

const browsers: [RegExp, string][] = [
	[/\bEdgA?\//, 'Edge'],
	[/\bOPR\//, 'Opera'],
	[/\bFirefox\//, 'Firefox'],
	[/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
	[/\bVersion\/.*Safari\//, 'Safari']
];
const systems: [RegExp, string][] = [
	[/iPhone/, 'iPhone'],
	[/iPad/, 'iPad'],
	[/Android/, 'Android'],
	[/Windows/, 'Windows'],
	[/Mac OS X|Macintosh/, 'macOS'],
	[/CrOS/, 'ChromeOS'],
	[/Linux|X11/, 'Linux']
];

/** "Firefox · Windows"; null for what is no browser that we know. */
export function deviceName(agent: string | null): string | null {
	if (!agent) return null;
	const name = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
	return [name(browsers), name(systems)].filter(Boolean).join(' · ') || null;
}
