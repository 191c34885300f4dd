// SvelteKit settings of the generated project in .evidence/template (scripts/build.mjs copies this file there).
import path from 'node:path';
import evidencePreprocess from '@evidence-dev/preprocess';
import { addBasePathToHrefAndSrc, injectComponents } from '@evidence-dev/sdk/build/svelte';
import { getEvidenceConfig } from '@evidence-dev/sdk/config';

// The build runs inside .evidence/template.
const reports = path.resolve(process.cwd(), '../..');
// Code is compiled before there are data: nothing is rendered then, and nothing of the last build's data is copied.
const isCompiling = process.env.REPORT_STEP === 'compile';

export default {
	extensions: ['.svelte', '.md'],
	preprocess: [...evidencePreprocess(true), injectComponents(), addBasePathToHrefAndSrc],
	onwarn(warning, report) {
		// A page that names a component or query that does not exist must stop the build, not print nothing.
		if (warning.code === 'missing-declaration') throw new Error(`${warning.filename}: ${warning.message}`);
		if (!warning.filename?.includes('node_modules')) report(warning);
	},
	kit: {
		// scripts/build.mjs puts the site together.
		adapter: { name: 'none', adapt() {} },
		files: {
			routes: 'src/pages',
			lib: 'src/components',
			assets: isCompiling ? path.join(reports, 'static') : 'static'
		},
		paths: { base: getEvidenceConfig().deployment.basePath, relative: false },
		serviceWorker: { register: false },
		version: { name: process.env.REPORT_VERSION ?? 'dev' },
		prerender: { entries: isCompiling ? [] : ['*'] },
		alias: {
			// Evidence's own client asks a CDN for DuckDB extensions; ours reads a file of this site.
			'@evidence-dev/universal-sql/client-duckdb': path.join(reports, 'airgap/duckdb-client.js'),
			$components: path.join(reports, 'components')
		}
	}
};
