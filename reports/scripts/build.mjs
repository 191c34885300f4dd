// Pages and sources -> the static site. The counterpart of `evidence build:strict`.
//
// Evidence's own command cannot be used as it is: its template speaks English, brings developer pages whose editors
// double the build, reports usage, and leaves a half-copied site behind when it is stopped. This script takes from
// the template only what turns pages and queries into a site, and swaps the finished site in at the end.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { holdWith } from './lock.mjs';
import { REPORTS, STATIC, TEMPLATE, basePath, reportDir } from './paths.mjs';

const EVIDENCE = path.join(REPORTS, 'node_modules/@evidence-dev/evidence/template');

// The part of Evidence's template that the build needs: the page loader, the stored query answers, error reporting.
const FROM_EVIDENCE = [
	'src/pages/+layout.js',
	'src/pages/api/[...route]',
	'src/pages/api/[route_hash]',
	'src/pages/api/prerendered_queries',
	'src/pages/api/pagesManifest.json/+server.js',
	'src/pages/api/customFormattingSettings.json',
	'src/hooks.server.js',
	'src/hooks.client.js'
];

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
	copy(path.join(REPORTS, 'static'), STATIC);
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

function runVite(version) {
	const env = {
		...process.env,
		NODE_ENV: 'production',
		NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-old-space-size=4096`.trim(),
		REPORT_VERSION: version,
		SEND_ANONYMOUS_USAGE_STATS: 'no',
		EVIDENCE_STRICT_MODE: 'true',
		EVIDENCE_IS_BUILDING: 'true',
		EVIDENCE_DATA_DIR: './static/data',
		EVIDENCE_DATA_URL_PREFIX: 'static/data'
	};
	const vite = path.join(REPORTS, 'node_modules/vite/bin/vite.js');
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [vite, 'build'], { cwd: TEMPLATE, env, stdio: 'inherit' });
		holdWith(child.pid);
		// Stopping this script stops the build.
		for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
		child.once('error', reject);
		child.once('exit', (code, signal) =>
			code === 0 ? resolve() : reject(new Error(`The report build failed (${code ?? signal}).`))
		);
	});
}

/** Puts the finished site in place of the old one: readers see either, never a mixture. */
function swapIn(site, target) {
	const incoming = `${target}.new`;
	const outgoing = `${target}.old`;
	fs.rmSync(incoming, { recursive: true, force: true });
	fs.rmSync(outgoing, { recursive: true, force: true });
	fs.mkdirSync(path.dirname(target), { recursive: true });
	fs.cpSync(site, incoming, { recursive: true });
	if (fs.existsSync(target)) fs.renameSync(target, outgoing);
	fs.renameSync(incoming, target);
	fs.rmSync(outgoing, { recursive: true, force: true });
}

/** Builds the site from the sources that are there; `stamp` is kept in build.json inside it. */
export async function buildSite(stamp = {}, target = reportDir()) {
	const began = Date.now();
	const publication = path.join(STATIC, 'data/publication.json');
	if (!fs.existsSync(publication)) throw new Error('No report sources yet: run `npm run sources` first.');
	const { version } = JSON.parse(fs.readFileSync(publication, 'utf8'));
	assembleTemplate();
	console.log(`Building the report of gold ${version} …`);
	await runVite(version);
	const site = path.join(TEMPLATE, 'build');
	if (!fs.existsSync(path.join(site, 'index.html'))) throw new Error('The build made no home page.');
	fs.writeFileSync(path.join(site, 'build.json'), JSON.stringify({ version, basePath: basePath(), ...stamp }, null, 2));
	swapIn(site, target);
	console.log(`Report of gold ${version} in ${target} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildSite();
