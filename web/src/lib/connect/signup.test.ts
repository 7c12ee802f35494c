import { describe, expect, test } from 'vitest';
import { graphVersion, loginOptions } from './login';
import { read, trusted, type SignupMessage } from './message';
import { begin, next, type Effect, type Input, type Mode, type Signup } from './signup';

const LOGIN = 'http://127.0.0.1:9001/';
const META = 'https://www.facebook.com';
const said = (event: string, data: unknown = {}, origin = META) => read({ origin, data: JSON.stringify({ type: 'WA_EMBEDDED_SIGNUP', event, version: 3, data }) }, LOGIN);
const NAMED = { waba_id: '11', phone_number_id: '22', business_id: '33' };

describe('who is listened to', () => {
	test.each(['https://www.facebook.com', 'https://business.facebook.com', 'https://m.eu.facebook.com', 'http://127.0.0.1:9001'])('%s', (origin) => expect(trusted(origin, LOGIN)).toBe(true));
	test.each([
		'https://evilfacebook.com',
		'https://facebook.com.evil.example',
		'https://www.facebook.com.evil.example',
		'http://www.facebook.com',
		'https://www.facebook.com:8443',
		'https://evil.example/.facebook.com',
		'https://evil.example?.facebook.com',
		'https://www.facebook.com@evil.example',
		'http://127.0.0.1:9002',
		'http://127.0.0.1',
		'https://127.0.0.1:9001',
		'null',
		''
	])('not %s', (origin) => expect(trusted(origin, LOGIN)).toBe(false));
	test('nobody more where the address of the windows is no address', () => {
		expect(trusted('null', '')).toBe(false);
		expect(trusted(META, '')).toBe(true);
	});
});

describe('what a message says', () => {
	test.each(['FINISH', 'FINISH_ONLY_WABA', 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', 'FINISH_GRANT_ONLY_API_ACCESS', 'FINISH_OBO_MIGRATION'])('%s with its ids', (event) =>
		expect(said(event, NAMED)).toEqual({ kind: 'finished', event, account: { wabaId: '11', phoneNumberId: '22', businessId: '33' } })
	);
	test('ids may be missing, in a list, numbers, or no ids at all', () => {
		expect(said('FINISH', { waba_ids: ['77', '78'] })).toMatchObject({ account: { wabaId: '77', phoneNumberId: null, businessId: null } });
		expect(said('FINISH', { waba_id: 42 })).toMatchObject({ account: { wabaId: '42' } });
		expect(said('FINISH', { waba_id: '11/../22', phone_number_id: { a: 1 } })).toMatchObject({ account: { wabaId: null, phoneNumberId: null } });
		expect(said('FINISH', null)).toMatchObject({ account: { wabaId: null } });
	});
	test('leaving names the screen; an error names itself, in the new form and the old', () => {
		expect(said('CANCEL', { current_step: 'PHONE_NUMBER_SETUP' })).toEqual({ kind: 'cancelled', event: 'CANCEL', step: 'PHONE_NUMBER_SETUP' });
		const data = { error_message: 'Not eligible', error_code: 524126, session_id: 's1' };
		const told = { kind: 'errored', message: 'Not eligible', code: '524126', session: 's1' };
		expect(said('CANCEL', data)).toEqual({ ...told, event: 'CANCEL' });
		expect(said('ERROR', data)).toEqual({ ...told, event: 'ERROR' });
		expect(said('ERROR')).toMatchObject({ kind: 'errored', message: null });
	});
	test('what is not a sign-up says nothing', () => {
		expect(said('FINISH', NAMED, 'https://evilfacebook.com')).toBeNull();
		expect(said('SOMETHING')).toBeNull();
		for (const data of [{ type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH' }, 'cb=f1&domain=here', '', '[]', '"x"', 'null', '{"type":"OTHER","event":"FINISH"}', '{"type":"WA_EMBEDDED_SIGNUP","event":7}', undefined]) {
			expect(read({ origin: META, data }, LOGIN)).toBeNull();
		}
	});
});

/** Plays inputs, each so many ms after the one before it. */
function play(...steps: [Input, number?][]): { state: Signup; done: Effect[]; now: number } {
	return playOn(begin(), 1_000_000, ...steps);
}
function playOn(from: Signup, at: number, ...steps: [Input, number?][]) {
	let state = from;
	let now = at;
	const done: Effect[] = [];
	for (const [input, later = 0] of steps) {
		now += later;
		const [after, effects] = next(state, input, now);
		state = after;
		done.push(...effects);
	}
	return { state, done, now };
}
const LOADED: [Input] = [{ type: 'sdk', loaded: true }];
const opened = (mode: Mode = 'number'): [Input, number?][] => [LOADED, [{ type: 'start', mode }], [{ type: 'window', opened: true, attempt: 1 }, 10]];
const CODE: Input = { type: 'callback', code: 'abc', attempt: 1 };
const NO_CODE: Input = { type: 'callback', code: null, attempt: 1 };
const tell = (event: string, data: unknown = NAMED): Input => ({ type: 'message', message: said(event, data) as SignupMessage });
const sends = (done: Effect[]) => done.filter((one) => one.do === 'send').map((one) => one.claim);
const reports = (done: Effect[]) => done.filter((one) => one.do === 'report').map((one) => one.report);

describe('the two results', () => {
	test('the message, then the code: sent at once', () => {
		const { state, done } = play(...opened(), [tell('FINISH'), 500], [CODE, 100]);
		expect(state.phase).toBe('sending');
		expect(sends(done)).toEqual([{ code: 'abc', wabaId: '11', phoneNumberId: '22', businessId: '33', event: 'FINISH', coexistence: false }]);
	});
	test('the code, then the message: sent with the message', () => {
		const { done } = play(...opened(), [CODE, 500], [tell('FINISH_ONLY_WABA', { waba_id: '11' }), 100]);
		expect(sends(done)).toEqual([{ code: 'abc', wabaId: '11', phoneNumberId: null, businessId: null, event: 'FINISH_ONLY_WABA', coexistence: false }]);
	});
	test('the code alone is sent a moment later, far within its life', () => {
		const before = play(...opened(), [CODE, 500]);
		expect(before.state.phase).toBe('settling');
		expect(before.state.wake ?? Infinity).toBeLessThan(before.now + 3_000);
		const { state, done } = playOn(before.state, before.now, [{ type: 'tick' }, 1_500]);
		expect(state.phase).toBe('sending');
		expect(sends(done)).toMatchObject([{ code: 'abc', wabaId: null, event: null }]);
	});
	test('a message without a code is told, and a code that comes after all still counts', () => {
		const late = play(...opened(), [tell('FINISH'), 500], [{ type: 'tick' }, 15_000]);
		expect(late.state).toMatchObject({ phase: 'failed', fault: 'no_code' });
		expect(play(...opened(), [tell('FINISH'), 500], [NO_CODE, 10]).state.fault).toBe('no_code');
		const { state, done } = playOn(late.state, late.now, [CODE, 100]);
		expect(state).toMatchObject({ phase: 'sending', fault: null });
		expect(sends(done)).toHaveLength(1);
	});
	test('a code is sent once, whatever is repeated', () => {
		const { state, done } = play(...opened(), [tell('FINISH')], [CODE], [CODE], [tell('FINISH')], [{ type: 'tick' }, 60_000], [{ type: 'sent' }], [CODE], [tell('CANCEL')]);
		expect(state.phase).toBe('sent');
		expect(sends(done)).toHaveLength(1);
		expect(reports(done)).toHaveLength(0);
	});
	test('coexistence is what the window says, else what was asked', () => {
		const coexists = (...steps: [Input, number?][]) => sends(play(...steps).done)[0]?.coexistence;
		expect(coexists(...opened('number'), [tell('FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', { waba_id: '11' })], [CODE])).toBe(true);
		expect(coexists(...opened('business_app'), [tell('FINISH')], [CODE])).toBe(false);
		expect(coexists(...opened('business_app'), [CODE], [{ type: 'tick' }, 2_000])).toBe(true);
	});
	test('nothing counts before a window was asked for', () => {
		const { state, done } = play(LOADED, [tell('FINISH')], [CODE], [tell('CANCEL')]);
		expect(state.phase).toBe('ready');
		expect(done).toEqual([]);
	});
});

describe('a code that gets old', () => {
	test('is tried again while the server is out of reach, and given up in time', () => {
		let { state, now } = play(...opened(), [tell('FINISH')], [CODE]);
		const first = now;
		let tries = 1;
		while (state.phase === 'sending') {
			const failed = playOn(state, now, [{ type: 'send_failed', passing: true }]);
			if (failed.state.phase !== 'sending') {
				state = failed.state;
				break;
			}
			const again = playOn(failed.state, failed.state.wake ?? now, [{ type: 'tick' }]);
			tries += sends(again.done).length;
			({ state, now } = again);
		}
		expect(state.fault).toBe('code_late');
		expect(tries).toBeGreaterThan(5);
		expect(now - first).toBeLessThan(30_000);
	});
	test('is not sent by a page that slept too long', () => {
		const { state, done } = play(...opened(), [CODE], [{ type: 'tick' }, 45_000]);
		expect(state.fault).toBe('code_late');
		expect(sends(done)).toEqual([]);
	});
	test('a refusal is final', () => expect(play(...opened(), [tell('FINISH')], [CODE], [{ type: 'send_failed', passing: false }]).state).toMatchObject({ phase: 'failed', fault: 'refused' }));
});

describe('leaving', () => {
	test('names the screen and is kept, once', () => {
		const { state, done } = play(...opened(), [tell('CANCEL', { current_step: 'PERMISSIONS' })], [NO_CODE], [tell('CANCEL', { current_step: 'PERMISSIONS' })]);
		expect(state).toMatchObject({ phase: 'cancelled', step: 'PERMISSIONS' });
		expect(reports(done)).toEqual([{ event: 'CANCEL', step: 'PERMISSIONS', message: null, code: null, session: null }]);
	});
	test('the window may close before it says at which screen', () => {
		const { state, done } = play(...opened(), [NO_CODE], [tell('CANCEL', { current_step: 'PHONE_NUMBER_SETUP' }), 200], [{ type: 'tick' }, 5_000]);
		expect(state).toMatchObject({ phase: 'cancelled', step: 'PHONE_NUMBER_SETUP' });
		expect(reports(done)).toHaveLength(1);
	});
	test('or say nothing', () => {
		const { state, done } = play(...opened(), [NO_CODE], [{ type: 'tick' }, 1_000]);
		expect(state).toMatchObject({ phase: 'cancelled', step: null });
		expect(reports(done)).toMatchObject([{ event: 'CANCEL', step: null }]);
	});
	test('an error is kept, and the next try takes the older form', () => {
		const { state, done } = play(...opened(), [tell('CANCEL', { error_message: 'No', error_code: '1' })], [NO_CODE], [{ type: 'start', mode: 'number' }]);
		expect(reports(done)).toMatchObject([{ message: 'No', code: '1' }]);
		expect(state).toMatchObject({ phase: 'opening', fault: null, older: true });
		expect(done.filter((one) => one.do === 'open').map((one) => one.older)).toEqual([false, true]);
	});
	test('and beginning anew forgets the first try', () => {
		const { state, done } = play(...opened(), [tell('CANCEL')], [{ type: 'start', mode: 'number' }], [{ type: 'window', opened: true, attempt: 2 }], [CODE], [tell('FINISH', { waba_id: '99' })]);
		expect(state.phase).toBe('sending');
		expect(sends(done)).toMatchObject([{ wabaId: '99' }]);
	});
});

describe('a window that does not come', () => {
	test('was blocked: it is said, and tried again', () => {
		for (const steps of [[[{ type: 'window', opened: false, attempt: 1 }]], [[{ type: 'tick' }, 3_000]], [[NO_CODE]]] as [Input, number?][][]) {
			const { state, done } = play(LOADED, [{ type: 'start', mode: 'number' }], ...steps);
			expect(state).toMatchObject({ phase: 'failed', fault: 'popup' });
			expect(reports(done)).toEqual([]);
			expect(next(state, { type: 'start', mode: 'number' }, 0)[1]).toMatchObject([{ do: 'open', older: false }]);
		}
	});
	test('a blocked window has nothing more to say than that', () => {
		const { state } = play(LOADED, [{ type: 'start', mode: 'number' }], [{ type: 'window', opened: false, attempt: 1 }], [NO_CODE], [{ type: 'tick' }, 9_000]);
		expect(state.fault).toBe('popup');
	});
	test('the end of an earlier window is not that of the present one; its code counts all the same', () => {
		const again: [Input, number?][] = [LOADED, [{ type: 'start', mode: 'number' }], [{ type: 'window', opened: false, attempt: 1 }], [{ type: 'start', mode: 'number' }], [{ type: 'window', opened: true, attempt: 2 }]];
		const late = play(...again, [NO_CODE, 300]);
		expect(late.state).toMatchObject({ phase: 'open', attempt: 2 });
		expect(playOn(late.state, late.now, [CODE], [{ type: 'tick' }, 2_000]).state.phase).toBe('sending');
	});
	test('one that was slow counts after all', () => expect(sends(play(LOADED, [{ type: 'start', mode: 'number' }], [{ type: 'tick' }, 3_000], [tell('FINISH')], [CODE]).done)).toHaveLength(1));
	test('without the SDK nothing is opened until it is there', () => {
		const { state, done } = play([{ type: 'sdk', loaded: false }], [{ type: 'start', mode: 'number' }]);
		expect(state.fault).toBe('sdk');
		expect(done).toEqual([]);
		expect(play([{ type: 'sdk', loaded: false }], [{ type: 'reset' }], LOADED).state.phase).toBe('ready');
	});
});

describe('the call', () => {
	const platform = { config_id: '5', solution_id: null, prefill: { business: { name: 'Luna', email: '', phone: null }, phone: {} } };
	test('has the form of the login configuration, with what is known filled in', () => {
		expect(loginOptions(platform, 'number', false)).toEqual({
			config_id: '5',
			response_type: 'code',
			override_default_response_type: true,
			extras: { setup: { business: { name: 'Luna' } }, featureType: '', sessionInfoVersion: '3' }
		});
	});
	test('names its version in the older form, and the solution where there is one', () => {
		const { extras } = loginOptions({ ...platform, solution_id: '9', prefill: null }, 'account_only', true);
		expect(extras).toEqual({ setup: { solutionID: '9' }, featureType: 'only_waba_sharing', sessionInfoVersion: '3', version: 'v3' });
		expect(loginOptions(platform, 'business_app', false).extras.featureType).toBe('whatsapp_business_app_onboarding');
	});
	test('names the API version as the SDK wants it', () => expect([graphVersion('25.0'), graphVersion('v25.0')]).toEqual(['v25.0', 'v25.0']));
});
