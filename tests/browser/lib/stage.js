// What every spec stands on: one demo and one browser a file, a fresh profile a test.
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { startDemo } from './demo.js';
import { Person } from './person.js';
import { Simulator } from './sim.js';

const failed = new URL('../failed/', import.meta.url).pathname;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const SLOWEST_MS = 15_000;
/** How many times slower than this machine the pages run: SLOWED=6 finds what a story takes for granted. */
const SLOWED = Number(process.env.SLOWED ?? 1);
const DESKTOP = { width: 1440, height: 900 };

function browserProgram() {
	const folders = (process.env.PATH ?? '').split(delimiter);
	const found = process.env.CHROMIUM ?? NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
	if (!found) throw new Error('There is no Chromium on the PATH: install it, or name it in CHROMIUM.');
	return found;
}

export function launch() {
	// Chromium's sandbox refuses to run as root.
	const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
	return chromium.launch({ executablePath: browserProgram(), args });
}

export class Stage {
	people = [];

	async open() {
		this.demo = await startDemo();
		this.ready = this.demo.ready;
		this.sim = new Simulator(this.ready.sim_url);
		this.browser = await launch();
	}

	async close() {
		await this.browser?.close();
		await this.demo?.stop();
	}

	/** Somebody with a fresh browser profile. What breaks the page's rules is gathered. */
	async person({ locale = 'en-GB', viewport = DESKTOP, scheme = 'light', url = this.ready.url, hasTouch = false } = {}) {
		const context = await this.browser.newContext({ baseURL: url, locale, viewport, hasTouch, colorScheme: scheme, timezoneId: 'Europe/Madrid', reducedMotion: 'reduce' });
		context.setDefaultTimeout(SLOWEST_MS);
		const page = await context.newPage();
		if (SLOWED > 1) {
			const session = await context.newCDPSession(page);
			await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
		}
		const person = new Person(page, locale.slice(0, 2));
		person.wrongs = [];
		page.on('pageerror', (error) => person.wrongs.push(`${page.url()}: ${error.stack ?? error}`));
		page.on('console', (message) => {
			if (message.type() === 'error' && /content security policy/i.test(message.text())) person.wrongs.push(`${page.url()}: ${message.text()}`);
		});
		this.people.push(person);
		return person;
	}

	/** Somebody who has signed in. */
	async signedIn(who, options) {
		const person = await this.person(options);
		await person.signIn(who);
		return person;
	}

	async leave(name, hasFailed) {
		const people = this.people.splice(0);
		for (const [place, person] of people.entries()) {
			if (hasFailed) {
				mkdirSync(failed, { recursive: true });
				const file = join(failed, `${name.replace(/\W+/g, '-').slice(0, 80)}-${place + 1}.png`);
				await person.page.screenshot({ path: file }).catch(() => {});
				console.error(`  at ${person.page.url()}, seen in ${file}`);
			}
			await person.page.context().close();
		}
		return people.flatMap((person) => person.wrongs);
	}
}

/** The stage of a spec file. */
export function stage() {
	const stage = new Stage();
	before(() => stage.open());
	after(() => stage.close());
	return stage;
}

/** A test whose name is a sentence. It also fails when a page threw or broke its own security policy. */
export function story(stage, name, run) {
	test(name, { timeout: 120_000 }, async (t) => {
		let hasFailed = true;
		let wrongs = [];
		try {
			await run(t);
			hasFailed = false;
		} finally {
			wrongs = await stage.leave(name, hasFailed);
		}
		assert.deepEqual(wrongs, [], 'a page threw or broke its own policy');
	});
}

/** Asks until it is so; the last answer is shown when it never was. */
export async function until(what, look, within = SLOWEST_MS) {
	const begun = Date.now();
	for (;;) {
		const found = await look();
		if (found && (!Array.isArray(found) || found.length > 0)) return found;
		if (Date.now() - begun > within) throw new Error(`Not within ${within / 1000} s: ${what}. Last seen: ${JSON.stringify(found)}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
