import assert from 'node:assert/strict';
import { violations } from '../lib/axe.js';
import { stage, story, until } from '../lib/stage.js';

const here = stage();

story(here, 'a global template is written in two languages, rolled out, and seen approved for every tenant', async () => {
	const person = await here.signedIn(here.ready.admin);
	await person.open('/platform/templates');
	await person.button('gtpl.new').first().click();
	const dialog = person.page.getByRole('dialog');
	await dialog.getByLabel(person.t('tpl.name'), { exact: true }).fill('visit_reminder');
	await dialog.getByRole('button', { name: person.t('gtpl.make') }).click();
	await person.page.waitForURL(/\/write$/);

	// Wrong in one language: nothing is written, and the mistake stands there.
	await person.labelled('tpl.body').fill('See you on {{day}}');
	await person.exampleOf('day').fill('Monday');
	await person.button('gtpl.save_version').click();
	await until('the body is marked', async () => (await person.labelled('tpl.body').getAttribute('aria-invalid')) === 'true');
	await person.labelled('tpl.body').fill('See you on {{day}} at our shop.');
	await person.page.getByRole('combobox', { name: person.t('gtpl.add_language') }).selectOption(person.language === 'es' ? 'en' : 'es');
	await person.labelled('tpl.body').fill('Le esperamos el {{day}} en la tienda.');
	assert.deepEqual(await violations(person.page), []);
	await person.button('gtpl.save_version').click();
	await person.page.waitForURL(/\/platform\/templates\/gtp_\w+$/);
	await person.page.getByText('Le esperamos el Monday en la tienda.').waitFor();

	await person.button('gtpl.roll_out_version', { version: 1 }).click();
	await person.confirmation.getByRole('button', { name: person.t('gtpl.roll_out'), exact: true }).click();
	const table = person.page.getByRole('region', { name: person.t('gtpl.rollout') });
	const names = here.ready.tenants.map(({ name }) => name);
	await until('every tenant has it in both languages', async () => {
		const rows = await table.getByRole('row').allInnerTexts();
		return names.every((name) => rows.filter((row) => row.includes(name) && row.includes(person.t('gtpl.state.approved'))).length === 2);
	}, 45_000);
	assert.deepEqual(await violations(person.page), []);

	const owner = await here.signedIn(here.ready.tenants[0].owner);
	await owner.open('/templates');
	await owner.row('visit_reminder').getByText(owner.t('tpl.global')).waitFor();
});

story(here, "a template of Meta's library is found and taken in", async () => {
	const person = await here.signedIn(here.ready.admin);
	await person.open('/platform/templates/library');
	const list = person.page.getByRole('list', { name: person.t('gtpl.library') });
	await list.getByRole('listitem').first().waitFor();
	assert.deepEqual(await violations(person.page), []);
	await list.getByRole('button', { name: new RegExp(person.t('gtpl.take')) }).first().click();
	const dialog = person.page.getByRole('dialog');
	for (const field of await dialog.getByRole('textbox').all()) if (!(await field.inputValue())) await field.fill('https://example.com/');
	await dialog.getByRole('button', { name: person.t('gtpl.take'), exact: true }).click();
	await person.page.waitForURL(/\/platform\/templates\/gtp_\w+$/);
	await person.button('gtpl.roll_out_version', { version: 1 }).waitFor();
});

story(here, 'what Meta paused for everybody on a shared account the platform lets go, and no tenant does', async () => {
	const [tenant] = here.ready.tenants;
	const list = await fetch(`${here.ready.url}/api/v1/templates?name=hello_world`, { headers: { authorization: `Bearer ${tenant.api_key}` } });
	const [shared] = (await list.json()).data;
	await here.sim.act(`templates/${shared.meta_id}/decide`, { decision: 'pause' });

	const owner = await here.signedIn(tenant.owner);
	await owner.open(`/templates/${shared.id}`);
	await owner.page.getByText(owner.t('tpl.paused.platform')).waitFor();
	assert.equal(await owner.button('tpl.unpause').count(), 0);

	const person = await here.signedIn(here.ready.admin);
	await person.open('/platform/templates');
	await person.page.getByRole('link', { name: person.t('gtpl.shared') }).click();
	await person.row('hello_world').getByText(person.t('gtpl.shared.until_let_go')).waitFor();
	assert.deepEqual(await violations(person.page), []);
	const go = person.row('hello_world').getByRole('button', { name: `${person.t('tpl.unpause')}: hello_world, ${shared.language}` });
	await go.click();
	await until('nothing is to be let go any more', async () => (await go.count()) === 0);
	await owner.page.getByText(owner.t('tpl.paused.platform')).waitFor({ state: 'hidden' });
});
