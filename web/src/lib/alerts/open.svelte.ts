// What somebody should know of: the badge of the bell, and the rows behind it.
import { api, ok, type Alert } from '$lib/api';
import { seldom } from '$lib/data/resource.svelte';
import { platformStream, tenantStream } from '$lib/live';
import { session } from '$lib/session.svelte';

/** The worst first, then the newest. */
const rank: Record<string, number> = { critical: 0, warning: 1, info: 2 };
export const byWeight = (a: Alert, b: Alert): number => (rank[a.severity] ?? 3) - (rank[b.severity] ?? 3) || b.since.localeCompare(a.since);

class OpenAlerts {
	own = $state.raw<Alert[]>([]);
	platform = $state.raw<Alert[]>([]);

	/** Of the tenant, and the platform's own for whoever administers it. */
	get all(): Alert[] {
		return [...this.own, ...this.platform].sort(byWeight);
	}
	get urgent(): boolean {
		return this.all.some((alert) => alert.severity === 'critical');
	}

	load = async (): Promise<void> => {
		try {
			this.own = session.tenant && session.can('settings:read') ? (await ok(api.GET('/api/v1/alerts', { params: { query: { limit: 100 } } }))).data : [];
			const all = session.canPlatform('platform:read') ? (await ok(api.GET('/api/v1/admin/alerts', { params: { query: { limit: 100 } } }))).data : [];
			this.platform = all.filter((alert) => alert.tenant_id === null);
		} catch {
			// The next event asks again.
		}
	};

	/** Asks now, and whenever something has changed. Gives back how to end it. */
	start(): () => void {
		void this.load();
		const bell = seldom(() => void this.load(), 2000);
		const heard = (_: unknown, event: string) => {
			if (event === 'alerts.changed' || event === 'resync') bell.ring();
		};
		const off = [tenantStream.on('*', heard), platformStream.on('*', heard)];
		// The platform's stream runs on its own pages only.
		const timer = setInterval(() => !document.hidden && void this.load(), 60_000);
		return () => {
			for (const one of off) one();
			bell.stop();
			clearInterval(timer);
		};
	}
}

export const alerts = new OpenAlerts();
