import assert from 'node:assert/strict';
import { violations } from '../lib/axe.js';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const bakery = () => here.ready.tenants[0];

/** The templates that the simulator has under a name; on a shared account it goes on with the business's mark. */
async function atMeta(name) {
	const answer = await (await fetch(`${here.ready.sim_url}/_sim/templates`)).json();
	return (Array.isArray(answer) ? answer : answer.data).filter((template) => template.name.startsWith(name));
}
const decide = async (id, decision) => {
	const answer = await fetch(`${here.ready.sim_url}/_sim/templates/${id}/decide`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(decision) });
	assert.ok(answer.ok, await answer.text());
};

/** Writes a template as far as Meta wants it. */
async function write(person, { name, body, examples = {} }) {
	await person.open('/templates/new');
	await person.labelled('tpl.name').fill(name);
	await person.labelled('tpl.body').fill(body);
	for (const [variable, example] of Object.entries(examples)) await person.exampleOf(variable).fill(example);
}

story(here, 'a template is written, read on the phone beside it, submitted, and seen approved', async () => {
	const person = await here.signedIn(bakery().owner);
	await write(person, { name: 'pickup_ready', body: 'Hola {{nombre}}, su pedido {{pedido}} está listo para recoger.', examples: { nombre: 'Ana', pedido: 'A-17' } });
	await person.phone.getByText('Hola Ana, su pedido A-17 está listo para recoger.').waitFor();
	await person.button('tpl.button.add').click();
	await person.menuItem(person.t('tpl.button.QUICK_REPLY')).click();
	await person.page.locator('[data-button="buttons.0"] input').fill('Voy ahora');
	await person.phone.getByText('Voy ahora').waitFor();
	assert.deepEqual(await violations(person.page), []);
	await person.button('tpl.submit').click();
	await person.page.waitForURL(/\/templates\/tpl_/);
	await person.state('APPROVED').waitFor();
	assert.equal((await atMeta('pickup_ready')).length, 1, 'Meta has it once');
	assert.deepEqual(await violations(person.page), []);
	await person.navLink('nav.templates').click();
	await person.row('pickup_ready').getByText(person.t('tpl.status.APPROVED')).waitFor();
});

story(here, 'a template that is not right is told so at its fields and does not reach Meta', async () => {
	const person = await here.signedIn(bakery().owner);
	await write(person, { name: 'Pickup Ready', body: 'Su pedido está listo, {{nombre}}' });
	await person.page.getByText(person.t('tpl.rule.ends')).waitFor();
	await person.button('tpl.submit').click();
	for (const key of ['tpl.name', 'tpl.body']) {
		const field = person.labelled(key);
		await until(`${key} is marked`, async () => (await field.getAttribute('aria-invalid')) === 'true');
		const note = await field.getAttribute('aria-describedby');
		assert.ok((await person.page.locator(`[id="${note}"]`).innerText()).length > 10, `${key} says what is wrong`);
	}
	assert.deepEqual(await violations(person.page), []);
	assert.match(person.page.url(), /\/templates\/new$/);
	assert.deepEqual(await atMeta('Pickup Ready'), []);
	// Put right, the same page sends it.
	await person.labelled('tpl.name').fill('pickup_soon');
	await person.labelled('tpl.body').fill('Su pedido está casi listo, {{nombre}}. Hasta pronto.');
	await person.exampleOf('nombre').fill('Ana');
	await person.button('tpl.submit').click();
	await person.page.waitForURL(/\/templates\/tpl_/);
});

story(here, 'a template that Meta rejects says why and what to do, and its history keeps it', async () => {
	const person = await here.signedIn(bakery().owner);
	await write(person, { name: 'too_loud', body: 'Su pedido de hoy está listo y le esperamos en la tienda.' });
	await person.button('tpl.submit').click();
	await person.page.waitForURL(/\/templates\/tpl_/);
	const [there] = await until('it is at Meta', () => atMeta('too_loud'));
	await decide(there.id, { decision: 'reject', reason: 'PROMOTIONAL' });
	await person.state('REJECTED').waitFor();
	await person.page.getByText(person.t('tpl.rejected.PROMOTIONAL')).waitFor();
	await person.page.getByText(person.t('tpl.rejected.PROMOTIONAL.todo')).waitFor();
	await person.page.getByRole('list', { name: person.t('tpl.history') }).getByText(person.t('tpl.status.REJECTED')).waitFor();
	assert.deepEqual(await violations(person.page), []);
});

story(here, 'a template is sent to one phone to see it there', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/templates');
	await person.row('hello_world').getByRole('link').first().click();
	await person.button('tpl.test').click();
	const dialog = person.page.getByRole('dialog');
	await dialog.getByLabel(person.t('tpl.test.to'), { exact: true }).fill(`+${bakery().customers[0]}`);
	assert.deepEqual(await violations(person.page), []);
	await dialog.getByRole('button', { name: person.t('tpl.test.send'), exact: true }).click();
	await dialog.getByText(person.t('tpl.test.sent')).waitFor();
	await until('it is on the phone', () => here.sim.received(bakery().phone_number_id, 'hello_world'));
});

story(here, 'a copy is a draft that Meta does not see until it is submitted, and is deleted again', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/templates');
	await person.row('po_notification').getByRole('link').first().click();
	await person.button('platform.actions').click();
	await person.menuItem(person.t('tpl.duplicate')).click();
	const dialog = person.page.getByRole('dialog');
	await dialog.getByLabel(person.t('tpl.name'), { exact: true }).fill('po_copy');
	await dialog.getByRole('button', { name: person.t('tpl.duplicate.make') }).click();
	await person.page.waitForURL(/\/edit$/);
	await person.state('DRAFT').waitFor();
	assert.deepEqual(await atMeta('po_copy'), []);
	await person.page.getByRole('link', { name: person.t('action.back') }).click();
	await person.button('platform.actions').click();
	await person.menuItem(person.t('action.delete')).click();
	await person.confirmation.getByRole('button', { name: person.t('action.delete'), exact: true }).click();
	await person.page.waitForURL(/\/templates$/);
	await person.row('po_notification').waitFor();
	assert.equal(await person.row('po_copy').count(), 0);
});
