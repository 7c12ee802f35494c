import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import spanish from './causes.es.json';
import { atWork, nextAction, unfinished, whereItStands } from './states';
import type { Connection, Run } from './types';

test('every cause leads to something that can be pressed, or says whom to ask', () => {
	expect(nextAction('pin_mismatch', 'tenant')).toBe('pin');
	expect(nextAction('code_late', 'tenant')).toBe('again');
	expect(nextAction('waba_taken', 'platform')).toBe('contact');
	expect(nextAction('meta_busy', 'nobody')).toBe('wait');
	expect(nextAction('number_not_verified', 'tenant')).toBe('resume');
	expect(nextAction(null)).toBe('resume');
	expect(nextAction('something_new', 'tenant')).toBe('resume');
});

test('a run stands where it failed, else where it works, else before what comes', () => {
	const run = (...states: string[]) => ({ state: 'running', steps: states.map((state, place) => ({ step: `s${place}`, state })) }) as unknown as Run;
	expect(whereItStands(run('done', 'failed', 'pending'))?.step).toBe('s1');
	expect(whereItStands(run('done', 'done', 'running', 'pending'))?.step).toBe('s2');
	expect(whereItStands(run('done', 'skipped', 'pending'))?.step).toBe('s2');
	expect(whereItStands(run('done'))).toBeNull();
	expect(whereItStands(null)).toBeNull();
	expect(atWork(run('done'))).toBe(true);
});

test('what is over is not taken up again', () => {
	const with_ = (state: string, run: string | null) => ({ state, run: run ? { state: run, steps: [] } : null }) as unknown as Connection;
	expect(unfinished(with_('connecting', 'running'))).toBe(true);
	expect(unfinished(with_('action_needed', 'failed'))).toBe(true);
	expect(unfinished(with_('connected', 'done'))).toBe(false);
	expect(unfinished(with_('disconnected', 'failed'))).toBe(false);
	expect(unfinished(with_('connected', 'cancelled'))).toBe(false);
	expect(unfinished(with_('connected', null))).toBe(false);
});

test('every cause that the server names is said in Spanish: what happened and what to do', () => {
	const table = readFileSync(new URL('../../../../crates/engine/src/onboarding/cause.rs', import.meta.url), 'utf8');
	const causes = [...table.matchAll(/^ {4}\w+ = "(\w+)", (?:Tenant|Platform|Nobody),/gm)].map((found) => found[1]);
	expect(causes.length).toBeGreaterThan(20);
	expect(Object.keys(spanish).sort()).toEqual(causes.sort());
	for (const [cause, words] of Object.entries(spanish)) {
		expect(words.title, cause).toMatch(/[.]$/);
		expect(words.action, cause).toMatch(/[.]$/);
	}
});
