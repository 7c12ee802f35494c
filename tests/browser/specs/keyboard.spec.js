import assert from 'node:assert/strict';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const ANA = 'Ana García';

story(here, 'a person signs in, finds a conversation and answers it without a mouse', async () => {
	const bakery = here.ready.tenants[0];
	await here.sim.says(bakery.phone_number_id, bakery.customers[0], '¿Tienen pan sin sal?', ANA);
	const person = await here.person();
	const keys = person.page.keyboard;
	await person.page.goto('/sign-in?next=/inbox');
	await person.field('email').focus();
	await keys.type(bakery.owner.email);
	await keys.press('Tab');
	await keys.type(bakery.owner.password);
	await keys.press('Enter');
	await person.settled();
	person.use((await (await person.page.request.get('/api/v1/session')).json()).user.language);

	await person.view('all').focus();
	await keys.press('Enter');
	await person.conversation(ANA).waitFor();
	await keys.press('Escape');
	await keys.press('/');
	assert.ok(await person.search.evaluate((field) => field === document.activeElement), '/ goes to the search');
	await keys.type('Ana');
	await person.conversation(ANA).waitFor();
	await keys.press('Escape');
	await keys.press('Escape');
	await keys.press('j');
	await keys.press('Enter');
	await person.thread(ANA).getByText('¿Tienen pan sin sal?').waitFor();
	await until('the field has the keyboard, or takes it with Tab', async () => {
		const there = await person.composer(ANA).evaluate((field) => field === document.activeElement);
		if (!there) await keys.press('Tab');
		return there;
	});
	await keys.type('Sí, los martes.');
	await keys.press('Enter');
	await until('it is on the phone', () => here.sim.received(bakery.phone_number_id, 'Sí, los martes.'));
});

story(here, 'the first thing that Tab reaches leads to the content', async () => {
	const person = await here.signedIn(here.ready.tenants[0].owner);
	await person.open('/inbox');
	await person.page.evaluate(() => document.activeElement?.blur());
	await person.page.keyboard.press('Tab');
	const focused = await person.page.evaluate(() => document.activeElement?.textContent);
	assert.equal(focused, person.t('nav.skip'));
});
