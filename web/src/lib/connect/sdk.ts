// Meta's JavaScript SDK: a script from elsewhere, loaded on the pages that connect and nowhere else.
import { graphVersion, type LoginOptions } from './login';

interface LoginAnswer {
	authResponse?: { code?: string } | null;
	status?: string;
}
interface Sdk {
	init(options: { appId: string; autoLogAppEvents: boolean; xfbml: boolean; version: string }): void;
	login(callback: (answer: LoginAnswer | undefined) => void, options: LoginOptions): void;
}
declare global {
	interface Window {
		FB?: Sdk;
		fbAsyncInit?: () => void;
	}
}

const LOADS_WITHIN_MS = 10_000;
/** The SDK calls us when it is ready; one that only stands there is ready too. */
const CALLS_WITHIN_MS = 1_000;
const WINDOW_WITHIN_MS = 1_500;

let loading: Promise<void> | null = null;

/** Loads it and makes it ours. Rejects when it does not come, as behind an ad blocker; then it may be tried again. */
export function loadSdk(url: string, appId: string, version: string): Promise<void> {
	loading ??= bring(url, appId, version).catch((error: unknown) => {
		loading = null;
		throw error;
	});
	return loading;
}

function bring(url: string, appId: string, version: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const script = document.createElement('script');
		const timer = setTimeout(fail, LOADS_WITHIN_MS);
		let done = false;
		function fail() {
			done = true;
			clearTimeout(timer);
			script.remove();
			reject(new Error("Meta's SDK did not load."));
		}
		function ready() {
			if (done || !window.FB) return;
			done = true;
			clearTimeout(timer);
			try {
				window.FB.init({ appId, autoLogAppEvents: true, xfbml: true, version: graphVersion(version) });
				resolve();
			} catch {
				fail();
			}
		}
		window.fbAsyncInit = ready;
		script.src = url;
		script.async = true;
		script.onerror = fail;
		script.onload = () => setTimeout(ready, CALLS_WITHIN_MS);
		document.head.append(script);
	});
}

/**
 * Opens Meta's window; to be called in the press of a button, else browsers keep it shut. `opened` is told whether a
 * window came, `answered` the code or its absence.
 */
export function login(options: LoginOptions, opened: (yes: boolean) => void, answered: (code: string | null) => void): void {
	const real = window.open;
	let told = false;
	const tell = (yes: boolean) => {
		clearTimeout(timer);
		window.open = real;
		if (!told) opened(yes);
		told = true;
	};
	// The SDK does not say whether its window was blocked; what the browser gives it does.
	const timer = setTimeout(() => tell(false), WINDOW_WITHIN_MS);
	window.open = (...given) => {
		const made = real.apply(window, given);
		tell(made !== null && !made.closed);
		return made;
	};
	try {
		if (!window.FB) throw new Error('The SDK is gone.');
		window.FB.login((answer) => answered(answer?.authResponse?.code ?? null), options);
	} catch {
		tell(false);
	}
}
