// axe-core, brought in as text: the page's policy forbids scripts from elsewhere, and that stays so.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE = new Set(['serious', 'critical']);

/** Serious and critical violations, one line each. */
export async function violations(page) {
	await page.evaluate(`${source}; undefined`);
	const found = await page.evaluate(async () => {
		const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
		return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map((node) => `${node.target.join(' ')}  ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`) }));
	});
	return found.filter(({ impact }) => GRAVE.has(impact)).map(({ id, impact, help, nodes }) => `${impact} ${id}: ${help}\n    ${nodes.slice(0, 5).join('\n    ')}`);
}
