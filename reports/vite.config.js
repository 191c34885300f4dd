// Bundler settings of the generated project in .evidence/template (scripts/build.mjs copies this file there).
import { sveltekit } from '@sveltejs/kit/vite';
import { configVirtual } from '@evidence-dev/sdk/build/vite';

export default {
	plugins: [sveltekit(), configVirtual()],
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
