import assert from 'node:assert/strict';
import { stage, story } from '../lib/stage.js';

const here = stage();
const owner = () => here.ready.tenants[0].owner;

story(here, 'the sign-in page speaks the language of the browser', async () => {
	const seen = [];
	for (const locale of ['en-GB', 'es-ES']) {
		const person = await here.person({ locale });
		await person.page.goto('/sign-in');
		assert.equal(await person.page.locator('html').getAttribute('lang'), locale.slice(0, 2));
		seen.push(await person.signInButton.innerText());
	}
	assert.notEqual(seen[0], seen[1]);
});

story(here, 'a person works in Spanish, changes to English without a reload, and it stays so', async () => {
	const person = await here.signedIn(owner(), { locale: 'es-ES' });
	assert.equal(person.language, 'es', 'the demo begins in Spanish');
	await person.openInbox();
	assert.equal(await person.page.locator('html').getAttribute('lang'), 'es');
	await person.navLink('nav.settings').waitFor();
	await person.userMenu.click();
	await person.menuItem('English').click();
	person.use('en');
	await person.navLink('nav.settings').waitFor();
	await person.page.reload();
	await person.navLink('nav.settings').waitFor();
	assert.equal(await person.page.locator('html').getAttribute('lang'), 'en');
});
