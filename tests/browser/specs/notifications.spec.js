import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { violations } from '../lib/axe.js';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const bakery = () => here.ready.tenants[0];
const data = (number, more = {}) => ({ supplier: { name: 'Harinas Goiko', phone: `+${bakery().customers[0]}` }, order: { number, total: 120.5 }, ...more });

/** Another system reports something. */
async function reports(id, given) {
	const headers = { authorization: `Bearer ${bakery().api_key}`, 'content-type': 'application/json' };
	const answer = await fetch(`${here.ready.url}/api/v1/events`, { method: 'POST', headers, body: JSON.stringify({ type: 'purchase_order.created', id, data: given }) });
	assert.equal(answer.status, 202, await answer.clone().text());
	return answer.json();
}

story(here, 'an event that is reported shows what it led to, down to the message', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/notifications');
	await reports('po-1042', data('PO-1042'));
	const row = person.row('po-1042');
	await row.getByText(person.t('notify.state.sent')).waitFor();
	assert.deepEqual(await violations(person.page), []);
	await row.getByRole('link').first().click();
	const led = person.page.getByRole('list', { name: person.t('notify.led_to') });
	// What became of the message, as far as it has come.
	const come = ['accepted', 'sent', 'delivered', 'read'].map((status) => person.t(`history.status.${status}`));
	await led.getByText(new RegExp(`^(${come.join('|')})$`)).waitFor();
	assert.deepEqual(await violations(person.page), []);
	await led.getByRole('link', { name: person.t('notify.message') }).click();
	await person.page.waitForURL(/\/messages\/msg_/);
	await until('it is on the phone', () => here.sim.received(bakery().phone_number_id, 'PO-1042'));
});

story(here, 'an event in which something is missing is held, says what, and what to do', async () => {
	const person = await here.signedIn(bakery().owner);
	await reports('po-1043', data('PO-1043', { order: { number: 'PO-1043' } }));
	await person.open('/notifications');
	await person.row('po-1043').getByText(person.t('notify.state.held')).waitFor();
	await person.row('po-1043').getByRole('link').first().click();
	await person.page.getByText(person.t('notify.reason.parameter_missing')).first().waitFor();
	await person.page.getByText(person.t('notify.todo.parameter_missing')).waitFor();
	await person.button('action.retry').waitFor();
	assert.deepEqual(await violations(person.page), []);
	assert.deepEqual(await here.sim.received(bakery().phone_number_id, 'PO-1043'), []);
});

story(here, 'a rule shows with sample data what it would send, and nothing leaves', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/notifications/rules');
	await person.row('purchase_order.created').getByRole('link').first().click();
	await person.sample.fill(JSON.stringify(data('PO-7777')));
	await person.dryRun.getByText(person.t('notify.dry.sends')).waitFor();
	await person.dryRun.getByText(/Harinas Goiko.*PO-7777/).waitFor();
	assert.deepEqual(await violations(person.page), []);
	// A value that is not there is told at once.
	await person.sample.fill(JSON.stringify(data('PO-7777', { supplier: { name: 'Harinas Goiko' } })));
	await person.dryRun.getByText(person.t('notify.dry.held')).waitFor();
	// A condition that is not met, too.
	await person.sample.fill(JSON.stringify(data('PO-7777')));
	await person.button('notify.condition_add').click();
	const conditions = person.page.getByRole('group', { name: person.t('notify.conditions') });
	await conditions.getByLabel(person.t('notify.path'), { exact: true }).last().fill('data.order.total');
	await conditions.getByLabel(person.t('notify.op'), { exact: true }).last().selectOption('gt');
	await conditions.getByLabel(person.t('notify.value'), { exact: true }).last().fill('1000');
	await person.dryRun.getByText(person.t('notify.dry.no_match')).waitFor();
	assert.deepEqual(await here.sim.received(bakery().phone_number_id, 'PO-7777'), []);
});

story(here, 'the last event that comes late does not take the place of the sample that somebody is writing', async () => {
	const person = await here.signedIn(bakery().owner);
	let answer;
	await person.page.route(/\/api\/v1\/events\/(?!types)/, async (route) => {
		await new Promise((resolve) => (answer = resolve));
		await route.continue();
	});
	await person.open('/notifications/rules');
	await person.row('purchase_order.created').getByRole('link').first().click();
	await until('the page asks for the last event', () => answer !== undefined);
	await person.sample.selectText();
	const came = person.page.waitForResponse(/\/api\/v1\/events\/(?!types)/);
	answer();
	await (await came).finished();
	// The page has it, and has drawn since.
	await person.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
	await person.page.keyboard.insertText(JSON.stringify(data('PO-8888')));
	await person.dryRun.getByText(/Harinas Goiko.*PO-8888/).waitFor();
	assert.equal(await person.sample.inputValue(), JSON.stringify(data('PO-8888')));
});

story(here, 'a rule is written from nothing, told what it lacks, and used', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/notifications/rules/new?type=delivery.left');
	await person.labelled('notify.name').fill('Reparto');
	await person.button('action.save').click();
	await until('something is marked', async () => (await person.page.locator('[aria-invalid="true"]').count()) > 0);
	await person.labelled('notify.template').selectOption('po_notification');
	await person.sample.fill(JSON.stringify(data('R-1')));
	await person.labelled('notify.recipient_path').fill('data.supplier.phone');
	await person.page.getByRole('radiogroup', { name: person.t('tpl.language') }).getByRole('radio', { name: person.t('notify.fixed') }).check();
	await person.labelled('notify.language.is').selectOption('es');
	const paths = ['data.supplier.name', 'data.order.number', 'data.order.total'];
	const values = person.page.locator('.one[role="group"]');
	await until('the template is filled in', async () => (await values.count()) >= paths.length);
	for (const [place, path] of paths.entries()) await values.nth(place).getByLabel(person.t('notify.path'), { exact: true }).fill(path);
	await person.dryRun.getByText(person.t('notify.dry.sends')).waitFor();
	assert.deepEqual(await violations(person.page), []);
	await person.button('action.save').click();
	await person.page.waitForURL(/\/notifications\/rules$/);
	await person.row('delivery.left').getByText('Reparto').waitFor();
});

story(here, 'a system that can only post gets an address and a secret that is seen once', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/notifications/sources');
	await person.button('notify.source_new').first().click();
	const dialog = person.page.getByRole('dialog');
	await dialog.getByLabel(person.t('notify.name'), { exact: true }).fill('Caja');
	await dialog.getByLabel(person.t('notify.type_is'), { exact: true }).last().fill('till.closed');
	await dialog.getByRole('button', { name: person.t('notify.source_make') }).click();
	const secret = await dialog.getByRole('textbox', { name: person.t('notify.secret'), exact: true }).inputValue();
	const address = await dialog.getByRole('textbox', { name: person.t('notify.address'), exact: true }).inputValue();
	assert.ok(secret.length > 20, 'the secret is there');
	assert.deepEqual(await violations(person.page), []);
	await dialog.getByRole('button', { name: person.t('settings.keys.kept') }).click();

	const body = JSON.stringify({ till: 3, total: 812.4 });
	const post = (signature) => fetch(address, { method: 'POST', headers: { 'content-type': 'application/json', 'x-signature-256': `sha256=${signature}` }, body });
	assert.equal((await post('0'.repeat(64))).status, 401);
	const signed = await post(createHmac('sha256', secret).update(body).digest('hex'));
	assert.ok(signed.ok, `${signed.status}: ${await signed.text()}`);
	await person.open('/notifications');
	await person.row('till.closed').waitFor();
	assert.equal(await person.row('till.closed').count(), 1, 'the unsigned one is not there');
	await person.open('/notifications/sources');
	assert.ok(!(await person.page.content()).includes(secret), 'the secret is not shown again');
});
