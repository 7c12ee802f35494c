import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	compilerOptions: { runes: true },
	kit: {
		// A single page: the server answers every unknown path with index.html.
		adapter: adapter({ fallback: 'index.html', strict: false }),
		// The one inline script (SvelteKit's start) is allowed by its hash; the rest of the policy is the server's header.
		csp: { mode: 'hash', directives: { 'script-src': ['self'] } },
		// A new build is noticed at the next navigation, which then loads the page afresh.
		version: { pollInterval: 0 }
	}
};
