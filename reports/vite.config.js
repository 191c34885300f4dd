// Bundler settings of the generated project in .evidence/template (scripts/build.mjs copies this file there).
import fs from 'node:fs';
import { sveltekit } from '@sveltejs/kit/vite';
import { configVirtual } from '@evidence-dev/sdk/build/vite';

// Addresses of the pages: their folders, and '' for the home page.
const pages = fs
	.readdirSync('src/pages', { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && entry.name !== 'api')
	.map((entry) => entry.name);

export default {
	plugins: [sveltekit(), configVirtual()],
	define: { BUILT_PAGES: JSON.stringify(['', ...pages]) },
	logLevel: 'warn',
	ssr: { external: ['blueimp-md5', 'nanoid', '@uwdata/mosaic-sql'] },
	worker: { format: 'es' },
	build: {
		// Compressed sizes are the server's business; measuring them costs seconds.
		reportCompressedSize: false,
		chunkSizeWarningLimit: 2000,
		rollupOptions: {
			onwarn(warning, warn) {
				// Known and harmless: DuckDB's Emscripten glue uses eval, Evidence imports Node modules behind a check.
				if (warning.code === 'EVAL' || warning.message.includes('fs/promises')) return;
				// Charts are drawn in the browser only, so the build's own copy of the pages leaves ECharts unused.
				if (warning.code === 'UNUSED_EXTERNAL_IMPORT') return;
				warn(warning);
			}
		}
	}
};
