// Where files are kept: what it takes, what is not here and why, and how long it stays.
import assert from 'node:assert/strict';
import { violations } from '../lib/axe.js';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const bakery = () => here.ready.tenants[0];
const ANA = 'Ana García';

const sends = (type) => here.sim.writes(bakery().phone_number_id, bakery().customers[0], { type, [type]: {} }, ANA);

story(here, 'a file that cannot be fetched yet is shown with who sent it and when it is tried again, and then counts as kept', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/settings/files');
	await person.page.getByText(person.t('settings.files.all_here')).waitFor();
	await here.sim.faults({ media_error_rate: 1 });
	await sends('image');
	const row = person.page.getByRole('row').filter({ hasText: ANA });
	await until('the page lists it', async () => {
		await person.page.reload();
		await person.page.getByRole('heading', { name: person.t('settings.files.missing') }).waitFor();
		return (await row.count()) > 0 && (await row.getByText(person.t('settings.files.word.retrying')).count()) > 0;
	});
	await row.getByText(person.t('media.image'), { exact: true }).waitFor();
	assert.equal(await row.getByRole('link', { name: ANA }).count(), 1);
	assert.ok((await row.locator('time').count()) >= 2, 'the next try, and until when WhatsApp has it');
	assert.deepEqual(await violations(person.page), []);
	await here.sim.faults({ media_error_rate: 0 });
	await row.getByRole('button', { name: person.t('media.retry_now') }).click();
	await until('it is kept', async () => {
		await person.page.reload();
		await person.page.getByText(person.t('settings.files.keep')).waitFor();
		return (await person.page.getByText(person.t('settings.files.all_here')).count()) > 0;
	});
	await person.page.getByText(person.t('settings.files.of_kind.image')).waitFor();
	await person.page.getByText(person.t('settings.files.count', { count: 1 })).first().waitFor();
});

story(here, 'the time for which files are kept is changed by somebody who was told what goes with it', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/settings/files');
	const field = person.page.getByLabel(person.t('settings.files.after'));
	await field.selectOption('30');
	await person.page.getByRole('button', { name: person.t('action.save') }).click();
	const asked = person.page.getByRole('dialog');
	await asked.getByText(person.t('settings.files.shorter_body')).waitFor();
	await asked.getByRole('button', { name: person.t('action.save') }).click();
	await asked.waitFor({ state: 'detached' });
	await until('it is kept so', async () => {
		await person.page.reload();
		await field.waitFor();
		return (await field.inputValue()) === '30';
	});
	const viewer = await here.signedIn(bakery().agent);
	await viewer.open('/settings/files');
	await viewer.page.getByText(viewer.t('settings.no_access')).waitFor();
});
