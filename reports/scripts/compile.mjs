// Pages, components and queries -> the site's code, for the browser and for rendering. It holds no data, so it is made
// anew only when one of those files has changed; render.mjs puts the data in.
//
// Evidence's own command cannot be used as it is: its template speaks English, brings developer pages whose editors
// double the build, reports usage, and renders in the same breath. This script takes from the template only what turns
// pages and queries into a site.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInTemplate } from './child.mjs';
import { alone } from './lock.mjs';
import { OUTPUT, REPORTS, TEMPLATE, reportDir } from './paths.mjs';

const EVIDENCE = path.join(REPORTS, 'node_modules/@evidence-dev/evidence/template');
const STAMP = path.join(OUTPUT, 'compiled.json');

// The part of Evidence's template that the build needs: the page loader, the stored query answers, error reporting.
const FROM_EVIDENCE = [
	'src/pages/+layout.js',
	'src/pages/api/[route_hash]',
	'src/pages/api/prerendered_queries',
	'src/pages/api/pagesManifest.json/+server.js',
	'src/pages/api/customFormattingSettings.json',
	'src/hooks.server.js',
	'src/hooks.client.js'
];

/** Digest of every file of the report that a person wrote. */
export function codeDigest() {
	const generated = new Set([...['node_modules', '.evidence', 'build'].map((name) => path.join(REPORTS, name)), reportDir()]);
	const hash = createHash('sha256');
	const visit = (folder) => {
		for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
			const file = path.join(folder, entry.name);
			if (entry.isDirectory()) {
				if (!generated.has(file)) visit(file);
			} else if (entry.isFile()) hash.update(path.relative(REPORTS, file)).update(fs.readFileSync(file));
		}
	};
	visit(REPORTS);
	return hash.digest('hex');
}

function assembleTemplate() {
	// Everything but static/ is put together anew; static/ holds what sources.mjs wrote.
	for (const name of fs.existsSync(TEMPLATE) ? fs.readdirSync(TEMPLATE) : []) {
		if (name !== 'static') fs.rmSync(path.join(TEMPLATE, name), { recursive: true, force: true });
	}
	for (const name of FROM_EVIDENCE) copy(path.join(EVIDENCE, name), path.join(TEMPLATE, name));
	for (const name of ['svelte.config.js', 'vite.config.js', 'queries']) {
		copy(path.join(REPORTS, name), path.join(TEMPLATE, name));
	}
	copy(path.join(REPORTS, 'app.css'), path.join(TEMPLATE, 'src/app.css'));
	copy(path.join(REPORTS, 'airgap/app.html'), path.join(TEMPLATE, 'src/app.html'));
	copy(
		path.join(REPORTS, 'airgap/evidencemeta.js'),
		path.join(TEMPLATE, 'src/pages/api/[...route]/evidencemeta.json/+server.js')
	);
	copyPages(path.join(REPORTS, 'pages'), path.join(TEMPLATE, 'src/pages'));
}

const copy = (from, to) => fs.cpSync(from, to, { recursive: true });

/** pages/index.md -> +page.md, pages/x.md -> x/+page.md, pages/+layout.svelte -> the same. */
function copyPages(from, to) {
	for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
		const source = path.join(from, entry.name);
		if (entry.isDirectory()) copyPages(source, path.join(to, entry.name));
		else if (entry.name === 'index.md') copy(source, path.join(to, '+page.md'));
		else if (entry.name.endsWith('.md')) copy(source, path.join(to, entry.name.slice(0, -3), '+page.md'));
		else copy(source, path.join(to, entry.name));
	}
}

const isCompiled = (digest) => fs.existsSync(STAMP) && JSON.parse(fs.readFileSync(STAMP, 'utf8')).digest === digest;

/** Compiles the site's code unless it is compiled already. */
export async function compileCode() {
	const digest = codeDigest();
	if (isCompiled(digest)) return;
	const began = Date.now();
	console.log('Compiling the pages …');
	assembleTemplate();
	await runInTemplate(path.join(REPORTS, 'node_modules/vite/bin/vite.js'), ['build'], {
		REPORT_STEP: 'compile',
		// The code's version, not gold's: a browser keeps what is the same as yesterday.
		REPORT_VERSION: digest.slice(0, 16)
	});
	fs.writeFileSync(STAMP, JSON.stringify({ digest }));
	console.log(`Compiled (${((Date.now() - began) / 1000).toFixed(0)} s)`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await alone(compileCode);
