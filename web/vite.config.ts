import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [sveltekit()],
	// light-dark() and nesting are left as they are.
	build: { cssTarget: ['chrome123', 'safari17.5', 'firefox120'] },
	test: { include: ['src/**/*.test.ts'] }
});
