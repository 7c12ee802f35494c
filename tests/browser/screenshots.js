// `cargo xtask screenshots`: pictures of the main screens, from the demo, for the README. The argument is the folder.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, until } from './lib/stage.js';

const folder = process.argv[2];
if (!folder) throw new Error('Say into which folder: node screenshots.js FOLDER');
mkdirSync(folder, { recursive: true });
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

const stage = new Stage();
await stage.open();
try {
	const [bakery] = stage.ready.tenants;
	const [ana, luis] = bakery.customers;
	await talk(bakery, ana, luis ?? ana);

	for (const scheme of ['light', 'dark']) {
		const ending = scheme === 'dark' ? '-dark' : '';
		const owner = await stage.signedIn(bakery.owner, { scheme, locale: 'es-ES' });
		await openConversation(owner);
		await shoot(owner, `inbox${ending}`);
		if (scheme === 'light') {
			for (const [path, name] of [['/settings/whatsapp', 'settings'], ['/settings/members', 'members']]) {
				await owner.open(path);
				await shoot(owner, name);
			}
			await owner.open('/notifications/rules');
			await owner.row('purchase_order.created').getByRole('link').first().click();
			await owner.sample.fill(JSON.stringify({ supplier: { name: 'Harinas Goiko', phone: `+${ana}` }, order: { number: 'PO-1042', total: 120.5 } }, null, 2));
			await owner.dryRun.getByText(owner.t('notify.dry.sends')).waitFor();
			await shoot(owner, 'rule');
		}
		await owner.open('/templates');
		await owner.row('po_notification').getByRole('link').first().click();
		await owner.phone.waitFor();
		await owner.settled();
		await shoot(owner, `template${ending}`);
		const admin = await stage.signedIn(stage.ready.admin, { scheme });
		for (const [path, name] of [['/platform/numbers', 'numbers'], ['/platform/audit', 'audit'], ['/platform/health', 'health']]) {
			await admin.open(path);
			await shoot(admin, `${name}${ending}`);
		}
	}
	const phone = await stage.signedIn(bakery.owner, { ...PHONE, locale: 'es-ES' });
	await openConversation(phone);
	await shoot(phone, 'inbox-phone');
	const simulator = await stage.person({ url: stage.ready.sim_url });
	await simulator.page.goto('/');
	await simulator.page.waitForLoadState('networkidle');
	await shoot(simulator, 'simulator');
} finally {
	await stage.close();
}

/** A morning at the bakery, as it looks to its people: each waits until the other's message is there. */
async function talk(bakery, ana, luis) {
	const number = bakery.phone_number_id;
	const headers = { authorization: `Bearer ${bakery.api_key}`, 'content-type': 'application/json' };
	const get = async (path) => (await fetch(`${stage.ready.url}/api/v1/messages${path}`, { headers })).json();
	const says = async (from, message, name) => {
		const wamid = await stage.sim.writes(number, from, message, name);
		await until(`${name} is heard`, async () => (await get(`?wamid=${encodeURIComponent(wamid)}`)).data);
	};
	const text = (body) => ({ type: 'text', text: { body } });
	const answer = async (to, body) => {
		const response = await fetch(`${stage.ready.url}/api/v1/messages`, { method: 'POST', headers, body: JSON.stringify({ to: `+${to}`, text: body }) });
		if (!response.ok) throw new Error(`The answer was refused: ${await response.text()}`);
		const { id } = await response.json();
		await until('the answer has arrived', async () => ['delivered', 'read'].includes((await get(`/${id}`)).status));
	};
	await says(luis, text('Buenas, ¿el pedido de mañana sigue en pie?'), 'Luis Pérez');
	await says(ana, text('Hola, ¿tienen empanadas hoy?'), 'Ana García');
	await until('the welcome has arrived', () => stage.sim.received(number, 'Gracias por escribir'));
	await answer(ana, 'Sí, recién hechas. ¿Cuántas le guardo?');
	await says(ana, text('Seis, por favor. ¿O reparten hasta aquí?'), 'Ana García');
	await says(ana, { type: 'location', location: { latitude: 40.4168, longitude: -3.7038, name: 'Mi oficina', address: 'Puerta del Sol, Madrid' } }, 'Ana García');
	await answer(ana, 'Hasta ahí llegamos: antes de la una las tiene.');
	await says(ana, text('¡Estupendo, muchas gracias!'), 'Ana García');
}

async function openConversation(person) {
	await person.openInbox();
	await person.conversation('Ana García').click();
	await person.thread('Ana García').waitFor();
	await person.settled();
}

async function shoot(person, name) {
	// Times that run by themselves would make every picture a change; what matters is the page.
	await person.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
	console.log(`${name}.png`);
}
