import assert from 'node:assert/strict';
import { stage, story } from '../lib/stage.js';

const here = stage();

story(here, 'a number is taken back with one click and a confirmation, and given to a tenant from the list', async () => {
	const bakery = here.ready.tenants[0];
	const shown = bakery.display_phone_number;
	const admin = await here.signedIn(here.ready.admin);
	await admin.open('/platform/numbers');
	await admin.number(shown).getByText(bakery.name).waitFor();
	await admin.unassign(shown, bakery.name).click();
	await admin.confirmation.getByRole('button', { name: admin.t('platform.numbers.unassign'), exact: true }).click();
	await admin.tenantFor(shown).waitFor();
	assert.equal(await holder(bakery.phone_number_id), null);

	await admin.tenantFor(shown).selectOption({ label: bakery.name });
	await admin.assign(shown).click();
	await admin.unassign(shown, bakery.name).waitFor();
	assert.equal(await holder(bakery.phone_number_id), bakery.id);
});

story(here, 'a confirmation that is cancelled changes nothing', async () => {
	const bakery = here.ready.tenants[0];
	const admin = await here.signedIn(here.ready.admin);
	await admin.open('/platform/numbers');
	await admin.unassign(bakery.display_phone_number, bakery.name).click();
	await admin.confirmation.getByRole('button', { name: admin.t('action.cancel') }).click();
	await admin.confirmation.waitFor({ state: 'detached' });
	assert.equal(await holder(bakery.phone_number_id), bakery.id);
});

async function holder(number) {
	const answer = await fetch(`${here.ready.url}/api/v1/admin/whatsapp/phone-numbers`, { headers: { authorization: `Bearer ${here.ready.admin.api_key}` } });
	return (await answer.json()).data.find((row) => row.phone_number_id === number).tenant_id;
}
