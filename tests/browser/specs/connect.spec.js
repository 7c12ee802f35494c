import assert from 'node:assert/strict';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const CONNECT = '/settings/whatsapp/connect?new';
const [bakery, other] = [() => here.ready.tenants[0], () => here.ready.tenants[1]];
const digits = (phone) => phone.replace(/\D/g, '');

/** The connections of a tenant, as its key sees them. */
async function connections(tenant) {
	const answer = await fetch(`${here.ready.url}/api/v1/connections`, { headers: { authorization: `Bearer ${tenant.api_key}` } });
	assert.equal(answer.status, 200, await answer.clone().text());
	return (await answer.json()).data;
}
/** The one that has this number. */
const withNumber = (tenant, phone) => until(`${phone} is connected`, async () => (await connections(tenant)).find((one) => one.numbers.some((number) => digits(number.display_phone_number) === digits(phone))));
const ownOf = async (tenant) => (await connections(tenant)).filter((one) => one.way !== 'shared').length;

story(here, 'a new number is connected in the window, step by step, and then receives and sends', async () => {
	const phone = '+34 688 000 101';
	const owner = await here.signedIn(bakery().owner);
	await owner.open('/settings/whatsapp');
	await owner.page.getByRole('link', { name: owner.t('connect.title') }).or(owner.page.getByRole('link', { name: owner.t('connect.another') })).click();
	await owner.way('number').check();
	const popup = await owner.window();
	await owner.says('connect.window_open').waitFor();
	await popup.toNumber();
	await popup.giveNumber(phone);
	await popup.finish();

	await owner.says('connect.go_on').waitFor();
	await owner.step('register_number').getByText(owner.t('connect.step_state.done')).waitFor();
	const connection = await withNumber(bakery(), phone);
	assert.equal(connection.state, 'connected');
	await owner.page.reload();
	await owner.step('verify').getByText(owner.t('connect.step_state.done')).waitFor();
	const number = connection.numbers.find((one) => digits(one.display_phone_number) === digits(phone)).phone_number_id;

	await owner.page.getByRole('button', { name: owner.t('connect.go_on') }).click();
	await owner.page.waitForURL('**/settings/whatsapp');
	await owner.page.getByRole('list', { name: owner.t('connect.numbers') }).getByText(phone).waitFor();

	await here.sim.says(number, '34677000555', '¿Es el número nuevo?', 'Nora Vidal');
	await owner.openInbox();
	await owner.conversation('Nora Vidal').click();
	await owner.composer('Nora Vidal').fill('Sí, este es.');
	await owner.send.click();
	await until('the answer is on the phone, from the new number', () => here.sim.received(number, 'Sí, este es.'));
});

story(here, 'who leaves the window is told where, and can go on; the platform sees it', async () => {
	const before = await ownOf(bakery());
	const owner = await here.signedIn(bakery().owner);
	await owner.open(CONNECT);
	const popup = await owner.window();
	await popup.toNumber();
	await popup.cancel();
	await owner.says('connect.left_at', { screen: owner.t('connect.screen.PHONE_NUMBER_SETUP') }).waitFor();
	assert.equal(await ownOf(bakery()), before, 'nothing was connected');

	const second = await owner.window(owner.openMetaAgain);
	await second.at('SIGN_IN');
	await second.report();
	await owner.says('connect.fault.meta').waitFor();

	const admin = await here.signedIn(here.ready.admin);
	await admin.open('/platform/connections');
	await admin.says('connect.left_at', { screen: admin.t('connect.screen.PHONE_NUMBER_SETUP') }).waitFor();
	await admin.page.getByText('524126').first().waitFor();
});

story(here, 'a number of the WhatsApp Business app is connected without being registered', async () => {
	const phone = '+34 688 000 102';
	const owner = await here.signedIn(other().owner);
	await owner.open(CONNECT);
	await owner.way('business_app').check();
	const popup = await owner.window();
	await popup.toNumber({ app: true });
	await popup.giveNumber(phone, { app: true });
	await popup.finish();
	await owner.says('connect.go_on').waitFor();
	await owner.step('register_number').getByText(owner.t('connect.step_state.skipped')).waitFor();
	const connection = await withNumber(other(), phone);
	assert.equal(connection.coexistence, true);
});

story(here, 'a number that came later is registered with one press', async () => {
	const phone = '+34 688 000 103';
	const resume = async (id) => {
		const headers = { authorization: `Bearer ${bakery().api_key}`, 'content-type': 'application/json' };
		const answer = await fetch(`${here.ready.url}/api/v1/connections/${id}/resume`, { method: 'POST', headers, body: '{}' });
		assert.equal(answer.status, 202, await answer.text());
	};
	const { id, waba_id } = (await connections(bakery())).find((one) => one.way !== 'shared');
	await here.sim.act('numbers', { phone_number_id: '300000000000103', waba_id, display_phone_number: phone, status: 'PENDING' });
	await resume(id);
	await withNumber(bakery(), phone);
	const owner = await here.signedIn(bakery().owner);
	await owner.open('/settings/whatsapp');
	const press = owner.page.getByRole('button', { name: owner.t('connect.number.register_this', { number: phone }) });
	await press.click();
	await until('Meta has registered it', async () => (await connections(bakery())).flatMap((one) => one.numbers).find((one) => one.phone_number_id === '300000000000103')?.status === 'CONNECTED');
	await press.waitFor({ state: 'detached' });
});

story(here, 'an owner looks at the PIN, which is written down, and disconnects knowing what happens', async () => {
	const phone = '+34 688 000 101';
	const owner = await here.signedIn(bakery().owner);
	await owner.open('/settings/whatsapp');
	await owner.page.getByRole('button', { name: owner.t('connect.number.menu', { number: phone }) }).click();
	await owner.menuItem(owner.t('connect.pin.reveal')).click();
	await owner.confirmation.getByRole('button', { name: owner.t('connect.pin.reveal'), exact: true }).click();
	const shown = owner.page.getByRole('dialog', { name: owner.t('connect.pin.reveal_done'), exact: true });
	assert.match(await shown.innerText(), /\b\d{6}\b/);
	await owner.page.keyboard.press('Escape');
	await shown.waitFor({ state: 'detached' });
	const audit = await (await owner.page.request.get('/api/v1/audit')).json();
	assert.ok(audit.data.some((row) => /pin/.test(row.action)), 'the audit log has no row about the PIN');

	await owner.page.getByRole('button', { name: owner.t('connect.disconnect'), exact: true }).click();
	await owner.confirmation.getByText(owner.t('connect.disconnect_text')).waitFor();
	await owner.confirmation.getByRole('button', { name: owner.t('connect.disconnect'), exact: true }).click();
	await until('it is disconnected', async () => (await connections(bakery())).find((one) => one.way !== 'shared')?.state === 'disconnected');
	await owner.says('connect.none').waitFor();
	await owner.openInbox();
	await owner.conversation('Nora Vidal').waitFor();
});

story(here, 'the platform sees every connection, and says who is billed', async () => {
	const admin = await here.signedIn(here.ready.admin);
	await admin.open('/platform/connections');
	const row = admin.page.getByRole('row').filter({ hasText: other().name });
	await row.getByText(admin.t('connect.state.connected'), { exact: true }).waitFor();
	await admin.page.getByRole('row').filter({ hasText: bakery().name }).getByText(admin.t('connect.state.disconnected'), { exact: true }).waitFor();
	await row.getByRole('link', { name: other().name }).click();
	await admin.step('register_number').getByText(admin.t('connect.step_state.skipped')).waitFor();
	await admin.page.getByRole('combobox', { name: admin.t('connect.fact.billing') }).selectOption('direct');
	await admin.confirmation.getByRole('button', { name: admin.t('platform.connections.bill'), exact: true }).click();
	await until('Meta bills the business itself', async () => (await connections(other())).find((one) => one.way !== 'shared')?.billing_mode === 'direct');
});

story(here, 'a window that the browser keeps shut is explained, and opens at the next press', async () => {
	const owner = await here.person();
	await owner.page.addInitScript(() => {
		const real = window.open;
		window.open = (...given) => (window.mayOpen ? real.apply(window, given) : null);
	});
	await owner.signIn(bakery().owner);
	await owner.open(CONNECT);
	await owner.openMeta.click();
	await owner.says('connect.fault.popup').waitFor();
	await owner.page.evaluate(() => (window.mayOpen = true));
	const popup = await owner.window(owner.openMetaAgain);
	await popup.at('SIGN_IN');
	await owner.says('connect.window_open').waitFor();
});

story(here, 'an SDK that does not come is explained, and fetched again', async () => {
	const owner = await here.signedIn(bakery().owner);
	await owner.page.route('**/en_US/sdk.js', (route) => route.abort());
	await owner.open(CONNECT);
	await owner.says('connect.fault.sdk').waitFor();
	await owner.page.unroute('**/en_US/sdk.js');
	await owner.page.getByRole('button', { name: owner.t('action.retry') }).click();
	await owner.openMeta.waitFor();
	await owner.window();
});

story(here, 'a message that another site forges is not heard', async () => {
	const before = await ownOf(bakery());
	const owner = await here.signedIn(bakery().owner);
	await owner.open(CONNECT);
	const popup = await owner.window();
	await popup.at('SIGN_IN');
	await owner.says('connect.window_open').waitFor();

	const forged = JSON.stringify({ type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', version: 3, data: { current_step: 'PERMISSIONS' } });
	await owner.page.context().route('https://evilfacebook.com/**', (route) => route.fulfill({ contentType: 'text/html', body: `<script>opener.postMessage(${JSON.stringify(forged)}, '*'); document.title = 'sent'</script>` }));
	await owner.page.evaluate(() => {
		window.heard = [];
		addEventListener('message', (event) => window.heard.push(event.origin));
		window.open('https://evilfacebook.com/forge');
	});
	await owner.page.waitForFunction(() => window.heard.includes('https://evilfacebook.com'));
	await owner.says('connect.window_open').waitFor();
	assert.equal(await owner.says('connect.left_at', { screen: owner.t('connect.screen.PERMISSIONS') }).count(), 0);

	// The same words from where they belong are heard.
	await popup.cancel();
	await owner.says('connect.left_at', { screen: owner.t('connect.screen.BUSINESS_ACCOUNT_SELECTION') }).waitFor();
	assert.equal(await ownOf(bakery()), before);
});

story(here, 'Meta\'s script runs on the page to connect and on no other, on the way in and on the way out', async () => {
	const owner = await here.signedIn(bakery().owner);
	const there = () => owner.page.evaluate(() => 'FB' in window);
	await owner.open('/settings/whatsapp');
	await owner.page.getByRole('link', { name: owner.t('connect.title') }).or(owner.page.getByRole('link', { name: owner.t('connect.another') })).click();
	await owner.page.waitForFunction(() => 'FB' in window);
	await owner.navLink('nav.inbox').click();
	await owner.conversations.waitFor();
	assert.equal(await there(), false, 'it stayed behind in the inbox');
	// By a step of the application too: the page loads itself afresh.
	await owner.page.goBack();
	await owner.openMeta.waitFor();
	assert.equal(await there(), true);
});

story(here, 'it is told in the language of the person, by keyboard, on a phone', async () => {
	const seen = [];
	for (const language of ['es', 'en']) {
		const owner = await here.signedIn(other().owner, { viewport: { width: 380, height: 780 } });
		await owner.page.request.patch('/api/v1/me', { data: { language }, headers: { 'Trunkline-CSRF': (await (await owner.page.request.get('/api/v1/session')).json()).csrf } });
		owner.use(language);
		await owner.open(CONNECT);
		await owner.way('number').focus();
		await owner.page.keyboard.press('ArrowDown');
		assert.equal(await owner.way('business_app').isChecked(), true);
		await owner.says('connect.need.qr').waitFor();
		const [wide, room] = await owner.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
		assert.ok(wide <= room, `${wide} pixels wide on a screen of ${room}`);
		await owner.openMeta.focus();
		const opened = owner.page.waitForEvent('popup');
		await owner.page.keyboard.press('Enter');
		await opened;
		seen.push(await owner.page.getByRole('heading', { level: 1 }).innerText());
	}
	assert.notEqual(seen[0], seen[1]);
});

story(here, 'credentials of one\'s own are typed in, and a number with a PIN of its own goes on once that is typed', async () => {
	const made = await here.sim.act('embedded-signup', { outcome: 'finish', partner_added: 'never' });
	const token = 'EAAOWNCREDENTIALS';
	await here.sim.act('tokens', { token, wabas: [made.waba_id] });
	await here.sim.act('numbers', { phone_number_id: made.phone_number_id, pin: '246810' });
	const owner = await here.signedIn(other().owner);
	await owner.open(CONNECT);
	await owner.way('own_credentials').check();
	const field = (key) => owner.page.getByRole('textbox', { name: owner.t(key) }).or(owner.page.getByLabel(owner.t(key)));
	await field('connect.own.token').fill(token);
	await field('connect.own.waba').fill('not digits');
	const send = owner.page.getByRole('button', { name: owner.t('connect.own.send') });
	await send.click();
	await owner.says('connect.own.id_wrong').waitFor();
	await field('connect.own.waba').fill(made.waba_id);
	// The run stops at the number before the page hears that it began.
	await owner.page.route('**/api/v1/connections/own-credentials', async (route) => {
		const begun = await route.fetch();
		await until('it stops', async () => (await connections(other())).find((one) => one.waba_id === made.waba_id && one.run.state === 'failed'));
		await new Promise((resolve) => setTimeout(resolve, 500));
		await route.fulfill({ response: begun });
	});
	await send.click();

	await owner.page.getByRole('button', { name: owner.t('connect.pin.type') }).click();
	const pin = owner.page.getByRole('textbox', { name: owner.t('connect.pin.field') });
	await pin.fill('12');
	await owner.page.getByRole('button', { name: owner.t('action.continue') }).click();
	await owner.says('connect.pin.wrong').waitFor();
	await pin.fill('246810');
	await owner.page.getByRole('button', { name: owner.t('action.continue') }).click();
	await owner.step('register_number').getByText(owner.t('connect.step_state.done')).waitFor();
	const connection = await until('it is connected', async () => (await connections(other())).find((one) => one.waba_id === made.waba_id && one.state === 'connected'));
	assert.equal(connection.way, 'own_credentials');
	assert.equal(connection.numbers[0].has_pin, true);
	assert.ok(!(await owner.page.content()).includes(token), 'the token stands on the page');
});

story(here, 'a setup link leads somebody without an account to a number that works, once', async () => {
	const admin = await here.signedIn(here.ready.admin);
	await admin.open('/platform/links');
	await admin.page.getByRole('button', { name: admin.t('platform.links.new') }).first().click();
	const field = (key) => admin.page.getByRole('textbox', { name: admin.t(key), exact: true });
	await field('platform.links.for').fill('Panadería Sol');
	await field('platform.links.name').fill('Acme Mensajes');
	await field('platform.links.email').fill('sol@example.com');
	await admin.page.getByRole('button', { name: admin.t('platform.links.make') }).click();
	// The demo has no mail server, and says so.
	await admin.says('platform.links.not_sent', { email: 'sol@example.com' }).waitFor();
	const text = await admin.page.getByRole('dialog').locator('input, code').first().evaluate((node) => node.value ?? node.textContent);
	const url = text.trim();
	assert.match(url, /\/setup\/\S+$/);

	const sol = await here.person();
	await sol.page.goto(url);
	await sol.page.getByText('Acme Mensajes').first().waitFor();
	const fill = (key, value) => sol.page.getByLabel(sol.t(key), { exact: true }).fill(value);
	await fill('setup.business', 'Panadería Sol');
	await fill('setup.name', 'Sol Prieto');
	await fill('setup.email', 'sol@example.com');
	await fill('setup.password', 'un barco de papel');
	await sol.page.getByRole('button', { name: sol.t('action.continue') }).click();
	await sol.way('number').check();
	const popup = await sol.window();
	await popup.toNumber();
	await popup.giveNumber('+34 688 000 109');
	await popup.finish();
	await sol.page.getByRole('button', { name: sol.t('connect.go_on') }).click();
	await sol.says('setup.done').waitFor();

	const late = await here.person();
	await late.page.goto(url);
	await late.says('setup.state.used').waitFor();
	await admin.open('/platform/links');
	await admin.page.getByRole('row').filter({ hasText: 'Panadería Sol' }).getByText(admin.t('platform.links.state.used')).waitFor();
});

story(here, 'the platform tries another version, and sets and takes back an address of one account', async () => {
	const admin = await here.signedIn(here.ready.admin);
	await admin.open('/platform/setup');
	await admin.page.getByRole('textbox', { name: admin.t('platform.version.which'), exact: true }).fill('25');
	const attempt = admin.page.getByRole('button', { name: admin.t('platform.version.try') });
	await attempt.click();
	await admin.page.getByText(/v25\.0/).first().waitFor();
	await admin.page.getByRole('textbox', { name: admin.t('platform.version.which'), exact: true }).fill('v25.0');
	await attempt.click();
	await admin.says('platform.version.fits', { version: 'v25.0' }).waitFor();

	await admin.says('platform.callbacks.none').waitFor();
	const field = (key) => admin.page.getByRole('textbox', { name: admin.t(key), exact: true });
	const set = admin.page.getByRole('button', { name: admin.t('platform.callbacks.set') });
	await set.click();
	await admin.says('platform.callbacks.id_missing').waitFor();
	await field('platform.callbacks.id').fill('1');
	await field('platform.callbacks.url').fill('https://10.0.0.1/hook');
	await field('platform.callbacks.token').fill('guess');
	await set.click();
	await admin.page.getByText(/whole internet can reach/i).last().waitFor();
	await admin.says('platform.callbacks.none').waitFor();
});
