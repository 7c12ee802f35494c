// The simulated customers and what arrived on their phones.

async function json(response) {
	const text = await response.text();
	if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
	return text ? JSON.parse(text) : null;
}

export class Simulator {
	constructor(url) {
		this.url = url;
	}

	/** A customer writes a text to a number; gives the wamid. */
	async says(number, from, text, profileName) {
		return this.writes(number, from, { type: 'text', text: { body: text } }, profileName);
	}

	/** A customer sends a message in Meta's form, without ids. */
	async writes(number, from, message, profileName) {
		const body = { phone_number_id: number, from, message };
		if (profileName) body.profile_name = profileName;
		const headers = { 'content-type': 'application/json' };
		return (await json(await fetch(`${this.url}/_sim/inbound`, { method: 'POST', headers, body: JSON.stringify(body) }))).wamid;
	}

	/** Meta does something, by a control of the simulator such as `embedded-signup`. */
	async act(control, wish) {
		const headers = { 'content-type': 'application/json' };
		return json(await fetch(`${this.url}/_sim/${control}`, { method: 'POST', headers, body: JSON.stringify(wish) }));
	}

	/** Changes the faults; those not named stay. */
	async faults(change) {
		const headers = { 'content-type': 'application/json' };
		return json(await fetch(`${this.url}/_sim/faults`, { method: 'POST', headers, body: JSON.stringify(change) }));
	}

	/** Every message that was accepted for the phones, in order. */
	async outbound(number) {
		const answer = await json(await fetch(`${this.url}/_sim/outbound?phone_number_id=${number}`));
		return Array.isArray(answer) ? answer : answer.data;
	}

	/** Those that hold this text. */
	async received(number, text) {
		return (await this.outbound(number)).filter((message) => JSON.stringify(message.body ?? message).includes(JSON.stringify(text).slice(1, -1)));
	}
}
