// Somebody at the web application. Every selector of the tests stands here: roles and names, as people find things.
import { Popup } from './popup.js';
import { begins, wordsOf } from './words.js';

export const OWNER_PAGES = ['/inbox', '/history', '/sending/queue', '/sending/failed', '/sending/uncertain', '/templates', '/templates/new', '/notifications', '/notifications/rules', '/notifications/rules/new', '/notifications/sources', '/settings/whatsapp', '/settings/whatsapp/connect', '/settings/general', '/settings/members', '/settings/keys', '/settings/quick-replies', '/settings/files', '/settings/audit', '/account'];
export const ADMIN_PAGES = ['/platform/numbers', '/platform/tenants', '/platform/templates', '/platform/templates/library', '/platform/connections', '/platform/intake', '/platform/queue', '/platform/audit', '/platform/health', '/platform/people', '/platform/keys'];

export class Person {
	constructor(page, language = 'en') {
		this.page = page;
		this.use(language);
	}

	/** Speaks this language from now on. */
	use(language) {
		this.language = language;
		this.t = wordsOf(language);
	}

	// Signing in: the names of the fields are part of the API.
	field(name) {
		return this.page.locator(`input[name="${name}"]`);
	}
	get signInButton() {
		return this.page.locator('form button[type="submit"]');
	}
	get problem() {
		return this.page.getByRole('alert');
	}
	async signIn({ email, password }, next = '/') {
		await this.page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
		await this.field('email').fill(email);
		await this.field('password').fill(password);
		await this.signInButton.click();
		await this.arrived();
		const session = await this.page.request.get('/api/v1/session');
		this.use((await session.json()).user.language);
	}
	/** The application stands and knows who is there. */
	async arrived() {
		await this.page.locator('#content').waitFor();
	}
	/** Nothing loads any more. */
	async settled() {
		await this.arrived();
		await this.page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
		await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
	}
	async open(path) {
		await this.page.goto(path);
		await this.settled();
	}

	// The frame.
	get navigation() {
		return this.page.getByRole('navigation', { name: this.t('nav.main') }).filter({ visible: true });
	}
	navLink(key) {
		return this.navigation.getByRole('link', { name: begins(this.t(key)) });
	}
	get userMenu() {
		return this.page.getByRole('button', { name: new RegExp(`${this.t('user.menu')}$`) });
	}
	menuItem(name) {
		return this.page.getByRole('menuitem', { name }).or(this.page.getByRole('menuitemradio', { name }));
	}
	get connectionLost() {
		return this.page.getByRole('alert').filter({ hasText: this.t('live.lost') });
	}
	get noAccess() {
		return this.page.getByText(this.t('settings.no_access'));
	}

	// The inbox.
	get conversations() {
		return this.page.getByRole('region', { name: this.t('inbox.list') });
	}
	conversation(name) {
		return this.conversations.getByRole('link', { name: new RegExp(name) });
	}
	view(word) {
		return this.page.getByRole('tab', { name: begins(this.t(`inbox.view.${word}`)) });
	}
	get search() {
		return this.page.getByRole('searchbox', { name: this.t('inbox.search') });
	}
	thread(name) {
		return this.page.getByRole('log', { name: this.t('thread.messages', { name }) });
	}
	composer(name) {
		return this.page.getByRole('textbox', { name: this.t('composer.label', { name }) });
	}
	get send() {
		return this.page.getByRole('button', { name: begins(this.t('composer.send')) });
	}
	/** Opens the dialog of a special message. */
	async special(kind) {
		await this.page.getByRole('button', { name: this.t('composer.more') }).click();
		await this.menuItem(this.t(kind)).click();
		await this.page.getByRole('dialog').waitFor();
	}
	dialogField(label, values) {
		return this.page.getByRole('dialog').getByRole('textbox', { name: this.t(label, values), exact: true });
	}
	get templates() {
		return this.page.getByRole('button', { name: this.t('composer.template') });
	}
	get findInThread() {
		return this.page.getByRole('button', { name: this.t('thread.find') });
	}
	get findField() {
		return this.page.getByRole('searchbox', { name: this.t('thread.find_placeholder') });
	}

	// The history.
	get historyWords() {
		return this.page.getByRole('searchbox', { name: this.t('history.words') });
	}
	historyFilter(key) {
		return this.page.getByRole('combobox', { name: this.t(key) });
	}
	historyRow(text) {
		return this.page.getByRole('row').filter({ hasText: text }).getByRole('link');
	}
	get historyExport() {
		return this.page.getByRole('button', { name: this.t('history.export') });
	}

	async openInbox() {
		await this.open('/inbox');
		await this.view('all').click();
	}

	// Members.
	reachOf(name) {
		return this.page.getByRole('combobox', { name: this.t('settings.reach.of', { name }) });
	}
	get unassignedSwitch() {
		return this.page.getByRole('switch', { name: this.t('settings.reach.unassigned') });
	}

	// Numbers.
	number(shown) {
		return this.page.getByRole('row').filter({ hasText: shown });
	}
	tenantFor(shown) {
		return this.page.getByRole('combobox', { name: this.t('platform.numbers.pick_tenant_for', { number: shown }) });
	}
	assign(shown) {
		return this.number(shown).getByRole('button', { name: this.t('platform.numbers.assign'), exact: true });
	}
	unassign(shown, tenant) {
		return this.page.getByRole('button', { name: this.t('platform.numbers.unassign_from', { number: shown, tenant }) });
	}

	// Connecting.
	way(choice) {
		return this.page.getByRole('radio', { name: begins(this.t(`connect.choice.${choice}`)) });
	}
	get openMeta() {
		return this.page.getByRole('button', { name: this.t('connect.open'), exact: true });
	}
	get openMetaAgain() {
		return this.page.getByRole('button', { name: this.t('connect.open_again'), exact: true });
	}
	/** Presses a button that opens Meta's window, and gives the window. */
	async window(button = this.openMeta) {
		const opened = this.page.waitForEvent('popup');
		await button.click();
		return new Popup(await opened);
	}
	says(key, values) {
		return this.page.getByText(this.t(key, values)).first();
	}
	step(name) {
		return this.page.getByRole('list', { name: this.t('connect.run.steps') }).getByRole('listitem').filter({ hasText: this.t(`connect.step.${name}`) });
	}
	get confirmation() {
		return this.page.getByRole('alertdialog').or(this.page.getByRole('dialog'));
	}

	// Templates.
	labelled(key, values) {
		return this.page.getByLabel(this.t(key, values), { exact: true });
	}
	button(key, values) {
		return this.page.getByRole('button', { name: this.t(key, values), exact: true });
	}
	get phone() {
		return this.page.getByRole('region', { name: this.t('tpl.preview.title') });
	}
	/** The field of a variable's example. */
	exampleOf(name) {
		return this.page.getByRole('group', { name: this.t('tpl.variable.title') }).getByRole('textbox', { name, exact: true });
	}
	state(status) {
		return this.page.locator('header').getByText(this.t(`tpl.status.${status}`), { exact: true });
	}
	row(text) {
		return this.page.getByRole('row').filter({ hasText: text });
	}

	// Notifications.
	get dryRun() {
		return this.page.getByRole('region', { name: this.t('notify.dry') });
	}
	get sample() {
		return this.dryRun.getByRole('textbox', { name: this.t('notify.sample') });
	}
}
