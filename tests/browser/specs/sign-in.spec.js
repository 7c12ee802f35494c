import assert from 'node:assert/strict';
import { stage, story } from '../lib/stage.js';

const here = stage();
const owner = () => here.ready.tenants[0].owner;

story(here, 'a person signs in and comes to the inbox', async () => {
	const person = await here.signedIn(owner());
	await person.page.waitForURL('**/inbox**');
	await person.navLink('nav.inbox').waitFor();
});

story(here, 'a wrong password is told at the form, and nobody is signed in', async () => {
	const person = await here.person();
	await person.page.goto('/sign-in');
	await person.field('email').fill(owner().email);
	await person.field('password').fill('not the password');
	await person.signInButton.click();
	await person.problem.waitFor();
	assert.equal(await person.field('email').inputValue(), owner().email, 'what was typed stays');
	assert.equal((await person.page.request.get('/api/v1/session')).status(), 401);
});

story(here, 'who is not signed in is led to the sign-in, and from there to the page that they wanted', async () => {
	const person = await here.person();
	await person.page.goto('/settings/members');
	await person.page.waitForURL('**/sign-in?next=**');
	await person.field('email').fill(owner().email);
	await person.field('password').fill(owner().password);
	await person.signInButton.click();
	await person.page.waitForURL('**/settings/members');
});

story(here, 'signing out ends the session', async () => {
	const person = await here.signedIn(owner());
	await person.userMenu.click();
	await person.menuItem(person.t('user.sign_out')).click();
	await person.page.waitForURL('**/sign-in**');
	assert.equal((await person.page.request.get('/api/v1/session')).status(), 401);
});
