import assert from 'node:assert/strict';
import { ADMIN_PAGES } from '../lib/person.js';
import { stage, story } from '../lib/stage.js';

const here = stage();

story(here, 'an agent is not shown the settings and cannot reach them by their address', async () => {
	const agent = await here.signedIn(here.ready.tenants[0].agent);
	await agent.navLink('nav.inbox').waitFor();
	assert.equal(await agent.navLink('nav.settings').count(), 0);
	for (const path of ['/settings/whatsapp', '/settings/members', '/settings/keys', '/settings/audit']) {
		await agent.open(path);
		await agent.noAccess.waitFor();
	}
	for (const path of ['/api/v1/settings', '/api/v1/audit', '/api/v1/api-keys']) {
		assert.equal((await agent.page.request.get(path)).status(), 403, path);
	}
});

story(here, "an owner cannot reach the platform's pages", async () => {
	const owner = await here.signedIn(here.ready.tenants[0].owner);
	for (const path of ADMIN_PAGES) {
		await owner.open(path);
		await owner.noAccess.waitFor();
	}
	assert.equal((await owner.page.request.get('/api/v1/admin/tenants')).status(), 403);
});
