// Who is signed in, for which tenant, and what they may do.
import { api, credentials, ok, type Session, type Theme } from '$lib/api';
import { i18n } from '$lib/i18n';
import { forgetDrafts } from '$lib/inbox/drafts';
import { forgetAll } from '$lib/inbox/outbox';

const TENANT = 'trunkline.tenant';

class CurrentSession {
	#data = $state.raw<Session | null>(null);
	#tenantId = $state('');

	/** Asks the server. Throws when it cannot be reached; an unknown session leaves for the sign-in page. */
	async load(): Promise<void> {
		this.set(await ok(api.GET('/api/v1/session')));
	}

	set(data: Session): void {
		this.#data = data;
		credentials.csrf = data.csrf;
		const remembered = read(TENANT);
		const tenant = data.tenants.find((one) => one.id === (this.#tenantId || remembered)) ?? data.tenants[0];
		this.#tenantId = tenant?.id ?? '';
		credentials.tenant = this.#tenantId;
	}

	get ready(): boolean {
		return this.#data !== null;
	}
	get user() {
		if (!this.#data) throw new Error('The session is not there yet.');
		return this.#data.user;
	}
	get platformAdmin(): boolean {
		return this.#data?.platform_admin ?? false;
	}
	/** The newest event when the session was asked for: whatever a page loads is younger. */
	get lastEvent(): string {
		return this.#data?.last_event_id ?? '';
	}
	get tenants() {
		return this.#data?.tenants ?? [];
	}
	/** The tenant that is worked for now; none for people of the platform alone. */
	get tenant() {
		return this.tenants.find((tenant) => tenant.id === this.#tenantId) ?? null;
	}

	/** Which conversations are there for the person: all, their own and those that nobody has, or their own. */
	get reach(): 'all' | 'own_and_unassigned' | 'own' {
		const tenant = this.tenant;
		if (!tenant || tenant.conversations === 'all') return 'all';
		return tenant.unassigned ? 'own_and_unassigned' : 'own';
	}
	/** Whether a conversation that this colleague has (null: nobody) is there for the person. */
	sees(holder: string | null): boolean {
		if (this.reach === 'all' || holder === this.user.id) return true;
		return holder === null && this.reach === 'own_and_unassigned';
	}

	/** Whether the person may do this for the present tenant, such as `inbox:write`. */
	can(scope: string): boolean {
		return this.#data?.scopes[this.#tenantId]?.includes(scope) ?? false;
	}
	/** Whether the person may do this for the platform, such as `platform:write`. */
	canPlatform(scope: string): boolean {
		return this.#data?.platform_scopes.includes(scope) ?? false;
	}

	/** Goes on with another tenant: everything on the page belongs to the former one, so the page starts afresh. */
	switchTenant(id: string): void {
		write(TENANT, id);
		location.assign('/');
	}

	async patch(change: { name?: string; language?: string; theme?: Theme }): Promise<void> {
		const user = await ok(api.PATCH('/api/v1/me', { body: change }));
		if (this.#data) this.#data = { ...this.#data, user: { ...this.#data.user, ...user } };
	}

	/** Notes what changed about the person without asking the server. */
	note(change: Partial<Session['user']>): void {
		if (this.#data) this.#data = { ...this.#data, user: { ...this.#data.user, ...change } };
	}

	async setTheme(theme: Theme): Promise<void> {
		applyTheme(theme);
		this.note({ theme });
		await this.patch({ theme });
	}

	async setLanguage(language: string): Promise<void> {
		await i18n.use(language);
		this.note({ language });
		await this.patch({ language });
	}

	async signOut(): Promise<void> {
		await ok(api.DELETE('/api/v1/session'));
		// Whoever sits here next has nothing to do with it.
		forgetAll(this.user.id);
		forgetDrafts();
		location.assign('/sign-in');
	}
}

export function applyTheme(theme: Theme): void {
	if (theme === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = theme;
	write('trunkline.theme', theme);
}

function read(key: string): string {
	try {
		return localStorage.getItem(key) ?? '';
	} catch {
		return '';
	}
}
function write(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// Storage is off: remembered for this page only.
	}
}

export const session = new CurrentSession();
