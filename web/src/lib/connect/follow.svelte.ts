// A connection whose run goes on: the stream rings, and where there is no stream the page asks now and then.
import { Resource, seldom } from '$lib/data/resource.svelte';
import { tenantStream } from '$lib/live';
import { calls } from './calls';
import { atWork } from './states';
import type { Connection } from './types';

const ASK_MS = 2_000;
const BURST_MS = 250;

export class Followed {
	#id: string;
	#resource: Resource<Connection>;

	constructor(first: Connection) {
		this.#id = first.id;
		this.#resource = new Resource(() => calls.one(this.#id));
		this.#resource.set(first);
	}

	get now(): Connection {
		// Set in the constructor, and never emptied.
		return this.#resource.data as Connection;
	}
	set(connection: Connection): void {
		this.#resource.set(connection);
	}
	load = (): Promise<void> => this.#resource.load();

	/** Follows it until told to end. */
	start(): () => void {
		const bell = seldom(() => void this.#resource.load(), BURST_MS);
		const offs = [
			tenantStream.on('connection.changed', (data) => {
				if (data.connection_id === this.#id) bell.ring();
			}),
			tenantStream.on('resync', bell.ring)
		];
		const timer = setInterval(() => {
			if (tenantStream.state !== 'open' && atWork(this.now.run)) bell.ring();
		}, ASK_MS);
		// What happened until now rang for nobody: a run may stop while its beginning is still on its way here.
		if (atWork(this.now.run)) bell.ring();
		return () => {
			for (const off of offs) off();
			clearInterval(timer);
			bell.stop();
		};
	}
}
