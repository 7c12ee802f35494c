import assert from 'node:assert/strict';
import { cutBefore } from '../lib/cut.js';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const bakery = () => here.ready.tenants[0];
const ANA = 'Ana García';

/** Ana writes; what she says is on the owner's screen. */
async function anaWrites(text) {
	await here.sim.says(bakery().phone_number_id, bakery().customers[0], text, ANA);
}

story(here, 'a message appears without a reload, within a second', async (t) => {
	const person = await here.signedIn(bakery().owner);
	await anaWrites('Hola, ¿abren hoy?');
	await person.openInbox();
	await person.conversation(ANA).click();
	await person.thread(ANA).getByText('Hola, ¿abren hoy?').waitFor();
	await person.page.evaluate(() => (globalThis.neverReloaded = true));
	await anaWrites('¿Y tienen empanadas?');
	const begun = performance.now();
	await person.thread(ANA).getByText('¿Y tienen empanadas?').waitFor();
	const took = Math.round(performance.now() - begun);
	t.diagnostic(`on screen ${took} ms after the simulator took it`);
	assert.ok(took < 1_000, `${took} ms`);
	assert.ok(await person.page.evaluate(() => globalThis.neverReloaded), 'the page was loaded again');
});

story(here, 'an answer is seen at once and reaches the phone once', async () => {
	const person = await here.signedIn(bakery().agent);
	await anaWrites('¿Me guardan dos?');
	await person.openInbox();
	await person.conversation(ANA).click();
	await person.composer(ANA).fill('Guardadas quedan.');
	await person.send.click();
	await person.thread(ANA).getByText('Guardadas quedan.').waitFor();
	assert.equal(await person.composer(ANA).inputValue(), '', 'the field is empty for the next one');
	const arrived = await until('it is on the phone', () => here.sim.received(bakery().phone_number_id, 'Guardadas quedan.'));
	assert.equal(arrived.length, 1);
	await person.page.reload();
	await person.thread(ANA).getByText('Guardadas quedan.').waitFor();
	assert.equal(await person.thread(ANA).getByText('Guardadas quedan.').count(), 1);
});

story(here, 'two colleagues see the same answer without doing anything', async () => {
	const [owner, agent] = [await here.signedIn(bakery().owner), await here.signedIn(bakery().agent)];
	await anaWrites('¿Hay pan de centeno?');
	for (const person of [owner, agent]) {
		await person.openInbox();
		await person.conversation(ANA).click();
	}
	await owner.composer(ANA).fill('Sí, hasta las dos.');
	await owner.send.click();
	await agent.thread(ANA).getByText('Sí, hasta las dos.').waitFor();
});

story(here, 'a lost connection is said, nothing typed is lost, and what came meanwhile is there afterwards', async () => {
	const cut = await cutBefore(here.ready.url);
	try {
		const person = await here.signedIn(bakery().owner, { url: cut.url });
		await anaWrites('Una pregunta más');
		await person.openInbox();
		await person.conversation(ANA).click();
		await person.composer(ANA).fill('Dígame');
		cut.away();
		await person.connectionLost.waitFor();
		await anaWrites('¿Hacen tartas?');
		assert.equal(await person.composer(ANA).inputValue(), 'Dígame');
		cut.back();
		await person.connectionLost.getByRole('button').click({ timeout: 3_000 }).catch(() => {});
		await person.connectionLost.waitFor({ state: 'detached', timeout: 30_000 });
		await person.thread(ANA).getByText('¿Hacen tartas?').waitFor();
		assert.equal(await person.composer(ANA).inputValue(), 'Dígame');
		await person.send.click();
		await until('it is on the phone', () => here.sim.received(bakery().phone_number_id, 'Dígame'));
	} finally {
		await cut.close();
	}
});
