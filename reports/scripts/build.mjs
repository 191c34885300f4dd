// Code and sources -> the static site. The counterpart of `evidence build:strict`, which leaves a half-copied site
// behind when it is stopped; this script swaps the finished site in at the end.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInTemplate } from './child.mjs';
import { compileCode } from './compile.mjs';
import { alone } from './lock.mjs';
import { OUTPUT, REPORTS, STATIC, basePath, reportDir } from './paths.mjs';

/** Puts code, data and pages together beside the old site, then in its place: readers see either, never a mixture. */
function swapIn(stamp, target) {
	const incoming = `${target}.new`;
	const outgoing = `${target}.old`;
	fs.rmSync(incoming, { recursive: true, force: true });
	fs.rmSync(outgoing, { recursive: true, force: true });
	fs.mkdirSync(path.dirname(target), { recursive: true });
	fs.cpSync(path.join(OUTPUT, 'client/_app'), path.join(incoming, '_app'), { recursive: true });
	for (const folder of [STATIC, path.join(OUTPUT, 'prerendered/dependencies'), path.join(OUTPUT, 'prerendered/pages')]) {
		fs.cpSync(folder, incoming, { recursive: true });
	}
	if (!fs.existsSync(path.join(incoming, 'index.html'))) throw new Error('The build made no home page.');
	fs.writeFileSync(path.join(incoming, 'build.json'), JSON.stringify(stamp, null, 2));
	if (fs.existsSync(target)) fs.renameSync(target, outgoing);
	fs.renameSync(incoming, target);
	fs.rmSync(outgoing, { recursive: true, force: true });
}

/** Builds the site from the sources that are there; `stamp` is kept in build.json inside it. */
export async function buildSite(stamp = {}, target = reportDir()) {
	const publication = path.join(STATIC, 'data/publication.json');
	if (!fs.existsSync(publication)) throw new Error('No report sources yet: run `npm run sources` first.');
	const { version } = JSON.parse(fs.readFileSync(publication, 'utf8'));
	await compileCode();
	const began = Date.now();
	fs.cpSync(path.join(REPORTS, 'static'), STATIC, { recursive: true });
	console.log(`Building the report of gold ${version} …`);
	await runInTemplate(path.join(REPORTS, 'scripts/render.mjs'), [], { REPORT_STEP: 'render' });
	swapIn({ version, basePath: basePath(), ...stamp }, target);
	console.log(`Report of gold ${version} in ${target} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await alone(() => buildSite());
