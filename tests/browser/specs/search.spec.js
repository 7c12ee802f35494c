import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const bakery = () => here.ready.tenants[0];
const ANA = 'Ana García';

/** Ana writes; searches find it a moment later. */
async function anaWrites(...texts) {
	for (const text of texts) await here.sim.says(bakery().phone_number_id, bakery().customers[0], text, ANA);
	const last = texts.at(-1);
	await until(`“${last}” is found`, async () => {
		const address = `${here.ready.url}/api/v1/messages?q=${encodeURIComponent(`"${last}"`)}`;
		const answer = await fetch(address, { headers: { Authorization: `Bearer ${bakery().api_key}` } });
		const page = await answer.json();
		return page.data.length > 0 ? page.data : null;
	});
}

/** The message stands in the middle of the screen. */
async function inSight(person, text) {
	const found = person.thread(ANA).getByText(text);
	await found.waitFor();
	await until(`“${text}” is in sight`, () =>
		found.evaluate((node) => {
			const box = node.getBoundingClientRect();
			const log = node.closest('[role="log"]').getBoundingClientRect();
			return box.top >= log.top && box.bottom <= log.bottom ? true : null;
		})
	);
}

story(here, 'a word of an old message leads to its place in the thread, and back down to the newest', async () => {
	const many = Array.from({ length: 150 }, (_, n) => `línea ${n} de relleno`);
	await anaWrites('quiero una ensaimada grande', ...many);
	const person = await here.signedIn(bakery().owner);
	await person.openInbox();
	await person.search.fill('ENSAIMADA gr');
	const hit = person.conversation(ANA);
	await hit.locator('mark').first().waitFor();
	assert.deepEqual(await hit.locator('mark').allTextContents(), ['ensaimada', 'grande']);
	await hit.click();
	await inSight(person, 'quiero una ensaimada grande');
	const link = person.page.url();
	assert.match(link, /message=msg_/);
	assert.equal(await person.thread(ANA).getByText('línea 149 de relleno').count(), 0, 'the newest is loaded as well');
	await person.page.getByRole('button', { name: person.t('thread.to_newest') }).click();
	await inSight(person, 'línea 149 de relleno');
	// The link alone leads there, too.
	await person.page.goto(link);
	await inSight(person, 'quiero una ensaimada grande');
	await person.findInThread.click();
	await person.findField.fill('línea 3 de rell');
	await inSight(person, 'línea 3 de relleno');
});

story(here, 'the history is searched, narrowed, opened in its thread and taken along as a file', async () => {
	await anaWrites('presupuesto de tarta', 'otro presupuesto, de boda');
	const person = await here.signedIn(bakery().owner);
	await person.open('/history');
	await person.historyWords.fill('presupuesto');
	await person.historyRow('de boda').waitFor();
	await until('the address keeps the words', () => (person.page.url().includes('q=presupuesto') ? true : null));
	await person.historyFilter('history.direction_label').selectOption('outbound');
	await person.page.getByText(person.t('history.none'), { exact: true }).waitFor();
	await person.historyFilter('history.direction_label').selectOption('inbound');
	await person.historyRow('de boda').waitFor();
	await person.historyExport.click();
	const [file] = await Promise.all([person.page.waitForEvent('download'), person.menuItem(person.t('history.csv')).click()]);
	assert.equal(file.suggestedFilename(), 'messages.csv');
	const text = await readFile(await file.path(), 'utf8');
	assert.equal(text.split('\nmsg_').length - 1, 2, text);
	await person.historyRow('presupuesto de tarta').click();
	await inSight(person, 'presupuesto de tarta');
});
