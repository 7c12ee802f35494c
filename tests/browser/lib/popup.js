// Meta's sign-up window, as the simulator plays it. Its words are its own, in English.
export class Popup {
	constructor(page) {
		this.page = page;
	}

	/** The screen of this name is there. */
	async at(step) {
		await this.page.locator(`body[data-step="${step}"]`).waitFor();
	}
	async next() {
		await this.page.locator('#next').click();
	}
	async cancel() {
		await this.page.locator('#cancel').click();
	}
	async report() {
		await this.page.locator('#report').click();
	}

	/** Up to where a number is asked for. `app`: the number stays in the WhatsApp Business app. */
	async toNumber({ app = false } = {}) {
		await this.at('SIGN_IN');
		await this.next();
		await this.at('BUSINESS_ACCOUNT_SELECTION');
		await this.next();
		await this.at('WABA_PHONE_PROFILE_PICKER');
		await this.page.locator('input[name="waba"][value=""]').check();
		await this.next();
		if (!app) {
			await this.at('WHATSAPP_BUSINESS_PROFILE_SETUP');
			await this.next();
		}
		await this.at('PHONE_NUMBER_SETUP');
	}

	/** From there to the last screen. */
	async giveNumber(phone, { app = false } = {}) {
		await this.page.locator('input[name="number"][value=""]').check();
		await this.page.locator('input[name="phone"]').fill(phone);
		await this.next();
		await this.at('PHONE_NUMBER_VERIFICATION');
		if (!app) await this.page.locator('input[name="code"]').fill(await this.page.locator('#sms').innerText());
		await this.next();
		await this.at('PERMISSIONS');
		await this.next();
		await this.at('FINISHED');
	}

	async finish() {
		const gone = this.page.waitForEvent('close');
		await this.next();
		await gone;
	}
}
