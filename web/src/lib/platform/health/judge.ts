// What the figures of the installation mean: for each part whether it is well, and the key of what to do if not.
import type { AdminHealth } from '$lib/api';

export type State = 'ok' | 'warn' | 'bad';
export interface Part {
	name: 'server' | 'meta' | 'intake' | 'outbox' | 'jobs' | 'search' | 'wabas' | 'streams';
	state: State;
	/** Which advice, as `platform.health.advice.<advice>`; none when all is well. */
	advice: string | null;
}

const figure = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

export function judge(health: AdminHealth): Part[] {
	const backlogMs = figure(health.intake.oldest_backlog_ms);
	const parked = figure(health.intake.parked);
	// Where the limit is not known there is nothing to fill.
	const share = health.wabas.map((waba) => (waba.numbers_limit ? waba.numbers_used / waba.numbers_limit : 0));
	const full = share.filter((part) => part >= 1);
	const nearly = share.filter((part) => part >= 0.8);
	return [
		{ name: 'server', state: 'ok', advice: null },
		{ name: 'meta', state: health.meta.reachable ? 'ok' : 'bad', advice: health.meta.reachable ? null : 'meta' },
		{
			name: 'intake',
			state: backlogMs > 60_000 ? 'bad' : backlogMs > 5_000 || parked > 0 ? 'warn' : 'ok',
			advice: backlogMs > 5_000 ? 'backlog' : parked > 0 ? 'parked' : null
		},
		{
			name: 'outbox',
			state: health.outbox.oldest_ms > 300_000 ? 'bad' : health.outbox.uncertain > 0 || health.outbox.oldest_ms > 60_000 ? 'warn' : 'ok',
			advice: health.outbox.oldest_ms > 60_000 ? 'outbox' : health.outbox.uncertain > 0 ? 'uncertain' : null
		},
		{ name: 'jobs', state: health.jobs.dead > 0 ? 'bad' : 'ok', advice: health.jobs.dead > 0 ? 'dead' : null },
		{ name: 'search', state: health.search.lag_ms > 300_000 ? 'warn' : 'ok', advice: health.search.lag_ms > 300_000 ? 'search' : null },
		{ name: 'wabas', state: full.length > 0 ? 'bad' : nearly.length > 0 ? 'warn' : 'ok', advice: full.length > 0 ? 'full' : nearly.length > 0 ? 'nearly_full' : null },
		{ name: 'streams', state: 'ok', advice: null }
	];
}

/** The worst of them. */
export function overall(parts: Part[]): State {
	return parts.some((part) => part.state === 'bad') ? 'bad' : parts.some((part) => part.state === 'warn') ? 'warn' : 'ok';
}
