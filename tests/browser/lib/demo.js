// The program under test: `trunkline demo` on free ports, ended by its own process id.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 45_000;
const target = new URL('../../../target', import.meta.url).pathname;

function program() {
	const named = process.env.TRUNKLINE;
	const found = named ? [named] : ['release', 'debug'].map((profile) => join(target, profile, 'trunkline'));
	const path = found.find((candidate) => existsSync(candidate));
	if (!path) throw new Error(`There is no program at ${found.join(' or ')}: build it, or name it in TRUNKLINE.`);
	return path;
}

/** Starts it; what the ready file says is in `ready`. */
export async function startDemo() {
	const folder = mkdtempSync(join(tmpdir(), 'trunkline-browser-'));
	const readyFile = join(folder, 'ready.json');
	const child = spawn(program(), ['demo', '--listen', '127.0.0.1:0', '--sim-listen', '127.0.0.1:0', '--quiet-phones', '--ready-file', readyFile], { stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.on('data', (text) => (said = (said + text).slice(-8_000)));
	let ended = false;
	const end = new Promise((resolve) => child.once('exit', resolve));
	end.then(() => (ended = true));
	// A run that is broken off must not leave it behind.
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);

	const begun = Date.now();
	while (!existsSync(readyFile)) {
		if (ended) throw new Error(`The demo ended before it was ready:\n${said}`);
		if (Date.now() - begun > STARTS_WITHIN_MS) {
			kill();
			throw new Error(`The demo was not ready after ${STARTS_WITHIN_MS / 1000} s:\n${said}`);
		}
		await pause(25);
	}
	return {
		ready: JSON.parse(readFileSync(readyFile, 'utf8')),
		async stop() {
			child.kill('SIGTERM');
			const timer = setTimeout(kill, STOPS_WITHIN_MS);
			await end;
			clearTimeout(timer);
			process.off('exit', kill);
			rmSync(folder, { recursive: true, force: true });
		}
	};
}
