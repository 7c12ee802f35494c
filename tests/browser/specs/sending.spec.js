import assert from 'node:assert/strict';
import { violations } from '../lib/axe.js';
import { stage, story, until } from '../lib/stage.js';
import { begins } from '../lib/words.js';

const here = stage();
const bakery = () => here.ready.tenants[0];

/** Asks the API as the person at the browser. */
async function asks(person, path, body) {
	const session = await (await person.page.request.get('/api/v1/session')).json();
	const headers = { 'Trunkline-CSRF': session.csrf, 'Trunkline-Tenant': session.tenants[0].id };
	const answer = body ? await person.page.request.post(path, { headers, data: body }) : await person.page.request.get(path, { headers });
	assert.ok(answer.ok(), `${path} answered ${answer.status()}: ${await answer.text()}`);
	return answer.json();
}
const message = (person, id) => asks(person, `/api/v1/messages/${id}`);

/** A template to Ana: it may leave whenever. */
const sends = async (person) => (await asks(person, '/api/v1/messages', { to: `+${bakery().customers[0]}`, template: { name: 'hello_world', language: 'en_US' } })).id;

/** Brings a message to a status; gives it. */
const reaches = (person, id, ...statuses) => until(`it is ${statuses}`, async () => {
	const row = await message(person, id);
	return statuses.includes(row.status) ? row : null;
}, 30_000);

story(here, 'a number is paused with a reason, what is sent is held and says why, and goes out when it is resumed', async () => {
	const person = await here.signedIn(bakery().owner);
	await person.open('/sending/queue');
	const region = person.page.locator('section').filter({ has: person.page.getByText(person.t('sending.pace'), { exact: true }) });
	await region.getByRole('button', { name: person.t('sending.pause_named', { name: await region.getByRole('heading').first().innerText() }) }).click();
	const dialog = person.page.getByRole('dialog');
	await dialog.getByRole('textbox').fill('inventario');
	await dialog.getByRole('button', { name: person.t('sending.pause'), exact: true }).click();
	await region.getByText('inventario').waitFor();

	const id = await sends(person);
	const held = await reaches(person, id, 'held');
	assert.equal(held.hold.code, 'paused_number');
	await region.getByText(person.t('sending.of_held', { count: 1 })).waitFor();
	assert.deepEqual(await violations(person.page), []);
	await person.open(`/messages/${id}`);
	await person.page.getByText(person.t('hold.paused_number')).first().waitFor();
	await person.open('/sending/queue');
	await region.getByRole('button', { name: new RegExp(`^${person.t('sending.resume')}`) }).click();
	await reaches(person, id, 'accepted', 'sent', 'delivered', 'read');
});

story(here, 'a message that Meta refused is explained with what to do, and sent again when the fault is over', async () => {
	const person = await here.signedIn(bakery().owner);
	await here.sim.faults({ error_rate: 1, error_code: 131009, only_path: 'messages' });
	const id = await sends(person);
	await reaches(person, id, 'failed');
	await here.sim.faults({ error_rate: 0 });
	await person.open('/sending/failed');
	// The badge of the rail tells of it without the page.
	await until('the rail counts it', async () => /\d/.test(await person.navLink('nav.sending').innerText()));
	const row = person.page.getByRole('row').filter({ hasText: '131009' }).first();
	await row.getByText(person.t('remedy.fix_message')).waitFor();
	assert.deepEqual(await violations(person.page), []);
	await row.getByRole('button', { name: begins(person.t('thread.send_again')) }).click();
	const old = await until('it is sent again', async () => {
		const found = await message(person, id);
		return found.retried_as ? found : null;
	});
	await reaches(person, old.retried_as, 'accepted', 'sent', 'delivered', 'read');
	await row.waitFor({ state: 'detached' });
});

story(here, 'the life of a message stands on its page, step by step, with what Meta reported', async () => {
	const person = await here.signedIn(bakery().owner);
	const id = await sends(person);
	await reaches(person, id, 'delivered', 'read');
	await person.open(`/messages/${id}`);
	const steps = person.page.getByRole('list', { name: person.t('life.title') });
	for (const word of ['life.enqueued', 'life.accepted', 'status.sent']) await steps.getByText(person.t(word)).waitFor();
	await until('a report is shown', async () => (await person.page.locator('details summary').filter({ hasText: person.t('status.sent') }).count()) > 0);
	await person.page.locator('details summary').filter({ hasText: person.t('status.sent') }).first().click();
	await person.page.getByText('"recipient_id"').first().waitFor();
	assert.deepEqual(await violations(person.page), []);
});

story(here, 'a send of which nobody knows whether it left is shown with its evidence, and a person settles it', async () => {
	const person = await here.signedIn(bakery().owner);
	await here.sim.faults({ drop_response_rate: 1, only_path: 'messages', webhook_offline: true });
	const id = await sends(person);
	await reaches(person, id, 'uncertain');
	await person.open('/sending/uncertain');
	const one = person.page.getByRole('article').first();
	await one.getByText(person.t('sending.no_report_yet')).waitFor();
	assert.deepEqual(await violations(person.page), []);
	await one.getByRole('button', { name: person.t('sending.arrived') }).click();
	await reaches(person, id, 'sent');
	await person.page.getByText(person.t('sending.nothing_uncertain')).waitFor();
	await here.sim.faults({ drop_response_rate: 0, webhook_offline: false });
	assert.equal((await here.sim.outbound(bakery().phone_number_id)).filter((sent) => JSON.stringify(sent).includes(id)).length, 1, 'it left once');
});

story(here, 'many sends in doubt are decided by one request, and each says to whom it went', async () => {
	const person = await here.signedIn(bakery().owner);
	await here.sim.faults({ drop_response_rate: 1, only_path: 'messages', webhook_offline: true });
	const ids = [await sends(person), await sends(person), await sends(person)];
	for (const id of ids) await reaches(person, id, 'uncertain');
	const [row] = (await asks(person, '/api/v1/queue/uncertain?all=true')).data;
	const asked = [];
	person.page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
	await person.open('/sending/uncertain');
	const articles = person.page.getByRole('article');
	await until('all are shown', async () => (await articles.count()) === ids.length);
	const heading = await articles.first().getByRole('heading').innerText();
	assert.ok(heading.includes(row.contact_name ?? '') && (row.contact_name || heading.replace(/\D/g, '').includes(row.contact_phone)), `it says ${heading}`);
	// The shell may look at one that something was just told of.
	const looked = asked.filter((one) => one.includes('/conversations/'));
	assert.ok(looked.length < ids.length, `whom it was written to comes with the list: ${looked}`);
	await person.page.getByRole('checkbox', { name: person.t('sending.choose_all') }).check();
	await person.page.getByRole('button', { name: person.t('sending.settle_do.mark_sent'), exact: true }).click();
	await person.page.getByRole('dialog').getByRole('button', { name: person.t('sending.settle_do.mark_sent') }).click();
	await person.page.getByText(person.t('sending.settled_many', { count: ids.length })).waitFor();
	await person.page.getByText(person.t('sending.nothing_uncertain')).waitFor();
	assert.deepEqual(asked.filter((one) => one.includes('settle')), ['POST /api/v1/queue/uncertain/settle']);
	for (const id of ids) await reaches(person, id, 'sent');
	await here.sim.faults({ drop_response_rate: 0, webhook_offline: false });
});

story(here, 'outcomes that share a code are reasons of their own, and each shows what it counts', async () => {
	const person = await here.signedIn(bakery().owner);
	const template = { to: `+${bakery().customers[0]}`, template: { name: 'hello_world', language: 'en_US' } };
	const later = await asks(person, '/api/v1/messages', { ...template, send_at: new Date(Date.now() + 3_600_000).toISOString() });
	await asks(person, `/api/v1/messages/${later.id}/cancel`, {});
	const number = bakery().phone_number_id;
	await asks(person, '/api/v1/queue/pause', { phone_number_id: number });
	const late = await asks(person, '/api/v1/messages', { ...template, send_before: new Date(Date.now() + 2_000).toISOString() });
	await reaches(person, late.id, 'expired');
	await asks(person, '/api/v1/queue/resume', { phone_number_id: number });
	await person.page.setViewportSize({ width: 390, height: 844 });
	await person.open('/sending/failed?state=all');
	const chips = person.page.getByRole('group', { name: person.t('sending.reason_code') });
	for (const status of ['expired', 'cancelled']) {
		const chip = chips.getByRole('button', { name: begins(person.t(`status.${status}`)) });
		const count = Number(/\d+$/.exec((await chip.innerText()).trim())[0]);
		await chip.click();
		await until(`the rows of ${status}`, async () => (await person.page.locator('tbody tr').count()) === count);
		await chip.click();
	}
	await person.page.locator('tbody tr').nth(1).waitFor();
	assert.deepEqual(await violations(person.page), []);
});
