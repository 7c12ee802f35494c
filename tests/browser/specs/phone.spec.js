import assert from 'node:assert/strict';
import { ADMIN_PAGES, OWNER_PAGES } from '../lib/person.js';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const PHONE = { viewport: { width: 380, height: 780 }, hasTouch: true };
const ANA = 'Ana García';

async function fits(person, path) {
	const [wide, room] = await person.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
	assert.ok(wide <= room, `${path} is ${wide} pixels wide on a screen of ${room}`);
}

story(here, 'no page scrolls sideways on a phone', async () => {
	const owner = await here.signedIn(here.ready.tenants[0].owner, PHONE);
	await owner.page.goto('/sign-in');
	await fits(owner, '/sign-in');
	for (const path of OWNER_PAGES) {
		await owner.open(path);
		await fits(owner, path);
	}
	const admin = await here.signedIn(here.ready.admin, PHONE);
	for (const path of ADMIN_PAGES) {
		await admin.open(path);
		await fits(admin, path);
	}
});

story(here, 'a conversation is opened, answered and left again on a phone', async () => {
	const bakery = here.ready.tenants[0];
	await here.sim.says(bakery.phone_number_id, bakery.customers[0], '¿Hasta qué hora?', ANA);
	const person = await here.signedIn(bakery.owner, PHONE);
	await person.openInbox();
	await person.conversation(ANA).tap();
	await person.thread(ANA).getByText('¿Hasta qué hora?').waitFor();
	await fits(person, 'the thread');
	await person.composer(ANA).fill('Hasta las ocho.');
	await person.send.tap();
	await until('it is on the phone', () => here.sim.received(bakery.phone_number_id, 'Hasta las ocho.'));
	await person.page.getByRole('link', { name: person.t('action.back') }).tap();
	await person.conversation(ANA).waitFor();
});
