import assert from 'node:assert/strict';
import { stage, story, until } from '../lib/stage.js';

const here = stage();
const bakery = () => here.ready.tenants[0];
const [ANA, TEO] = ['Ana García', 'Teo Ruiz'];

/** As the business's own system: with its key. */
async function api(method, path, body) {
	const headers = { authorization: `Bearer ${bakery().api_key}`, 'content-type': 'application/json' };
	const answer = await fetch(here.ready.url + path, { method, headers, body: body && JSON.stringify(body) });
	assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
	return answer.json();
}

async function conversationOf(name) {
	const rows = await until(`${name} is in the inbox`, async () => (await api('GET', '/api/v1/conversations')).data.filter((row) => row.contact.name === name));
	return rows[0].id;
}

story(here, 'an agent who sees only their own loses what a colleague takes, and finds what is given to them', async () => {
	const [owner, agent] = [await here.signedIn(bakery().owner), await here.signedIn(bakery().agent)];
	const members = (await api('GET', '/api/v1/members')).data;
	const idOf = (who) => members.find((member) => member.email === who.email);
	await here.sim.says(bakery().phone_number_id, bakery().customers[0], '¿Hay roscón?', ANA);
	await here.sim.says(bakery().phone_number_id, bakery().customers[1], '¿Abren el lunes?', TEO);
	const [ana, teo] = [await conversationOf(ANA), await conversationOf(TEO)];
	const give = (conversation, to) => api('PATCH', `/api/v1/conversations/${conversation}`, { assigned_to: to?.user_id ?? null });
	await give(teo, idOf(bakery().owner));
	await agent.openInbox();
	await agent.conversation(TEO).click();
	await agent.thread(TEO).getByText('¿Abren el lunes?').waitFor();

	// The owner narrows them: what a colleague has leaves the page at once.
	await owner.open('/settings/members');
	await owner.reachOf(idOf(bakery().agent).name).selectOption('own');
	await agent.conversation(TEO).waitFor({ state: 'detached' });
	await agent.page.getByText(agent.t('inbox.lost', { name: TEO })).waitFor();
	await agent.conversation(ANA).waitFor();
	assert.equal(new URL(agent.page.url()).pathname, '/inbox');

	// What nobody had is taken by a colleague while it is open.
	await agent.conversation(ANA).click();
	await agent.thread(ANA).getByText('¿Hay roscón?').waitFor();
	await give(ana, idOf(bakery().owner));
	await agent.conversation(ANA).waitFor({ state: 'detached' });
	await agent.thread(ANA).waitFor({ state: 'detached' });

	// What is given to them comes by itself, and can be answered.
	await give(teo, idOf(bakery().agent));
	await agent.conversation(TEO).click();
	await agent.composer(TEO).fill('Sí, a las nueve.');
	await agent.send.click();
	await until('it is on the phone', () => here.sim.received(bakery().phone_number_id, 'Sí, a las nueve.'));

	// By its address a colleague's conversation is not there either.
	await agent.open(`/inbox/${ana}`);
	await agent.page.getByText(agent.t('error.not_found')).waitFor();

	// Where the business does not want them to see what nobody has, one view is left.
	await agent.openInbox();
	await owner.unassignedSwitch.click();
	await agent.view('all').waitFor({ state: 'detached' });
	await agent.view('mine').waitFor();
	await agent.conversation(TEO).waitFor();
	await give(ana, null);
	const counts = await agent.page.request.get('/api/v1/conversations/counts');
	assert.equal((await counts.json()).all, 1);
});
