// One clock for all times on the page: it ticks twice a minute.
class Now {
	value = $state(new Date());

	constructor() {
		if (typeof window !== 'undefined') setInterval(() => (this.value = new Date()), 20_000);
	}
}

export const now = new Now();
