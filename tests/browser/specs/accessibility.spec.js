import assert from 'node:assert/strict';
import { violations } from '../lib/axe.js';
import { ADMIN_PAGES, OWNER_PAGES } from '../lib/person.js';
import { stage, story } from '../lib/stage.js';

const here = stage();
const ANA = 'Ana García';

async function check(person, paths) {
	const found = [];
	for (const path of paths) {
		await person.open(path);
		for (const line of await violations(person.page)) found.push(`${path}: ${line}`);
	}
	assert.equal(found.length, 0, `\n${found.join('\n')}`);
}

for (const scheme of ['light', 'dark']) {
	story(here, `axe finds no serious violation on the sign-in page, ${scheme}`, async () => {
		const person = await here.person({ scheme });
		await person.page.goto('/sign-in');
		assert.deepEqual(await violations(person.page), []);
	});

	story(here, `axe finds no serious violation on an owner's pages, ${scheme}`, async () => {
		const person = await here.signedIn(here.ready.tenants[0].owner, { scheme });
		await check(person, OWNER_PAGES);
	});

	story(here, `axe finds no serious violation in a conversation, ${scheme}`, async () => {
		const bakery = here.ready.tenants[0];
		await here.sim.says(bakery.phone_number_id, bakery.customers[0], 'Hola', ANA);
		const person = await here.signedIn(bakery.owner, { scheme });
		await person.openInbox();
		await person.conversation(ANA).click();
		await person.thread(ANA).getByText('Hola').first().waitFor();
		assert.deepEqual(await violations(person.page), []);
	});

	story(here, `axe finds no serious violation on the platform's pages, ${scheme}`, async () => {
		const person = await here.signedIn(here.ready.admin, { scheme });
		await check(person, ADMIN_PAGES);
	});
}
