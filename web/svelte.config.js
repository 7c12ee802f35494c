import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	compilerOptions: { runes: true },
	kit: {
		// A single page: the server answers every unknown path with index.html.
		adapter: adapter({ fallback: 'index.html', strict: false }),
		// The policy is the server's header alone, which knows the one inline script (SvelteKit's start) by its hash: a
		// second policy in the page could only take away what the header of the page to connect gives.
		// A new build is noticed at the next navigation, which then loads the page afresh.
		version: { pollInterval: 0 }
	}
};
