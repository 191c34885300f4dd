// Compiled code and data -> pages. Runs in .evidence/template, as a process that a broken query may end.
//
// SvelteKit renders at the end of every compilation and offers no command for rendering alone; this calls the same
// function of it. Its version is pinned in package-lock.json.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { OUTPUT, REPORTS, STATIC, TEMPLATE } from './paths.mjs';

const KIT = path.join(REPORTS, 'node_modules/@sveltejs/kit/src/core/postbuild/prerender.js');

/** Names, relative to a folder, of all files below it. */
function filesIn(folder, below = '') {
	return fs.readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
		const name = path.posix.join(below, entry.name);
		return entry.isDirectory() ? filesIn(folder, name) : [name];
	});
}

/** The compiled manifest with the files that are served beside the pages now. */
function writeManifest() {
	const file = path.join(OUTPUT, 'server/manifest-render.js');
	fs.writeFileSync(
		file,
		`import { manifest } from './manifest-full.js';\n` +
			`manifest.assets = new Set(${JSON.stringify(filesIn(STATIC))});\n` +
			'export { manifest };\n'
	);
	return file;
}

const manifestPath = writeManifest();
const { manifest } = await import(pathToFileURL(manifestPath).href);
// What is not a page is rendered because a page asks for it.
const pages = manifest._.routes.filter((route) => route.page).map(({ id }) => [id, { prerender: true }]);
const { default: prerender } = await import(pathToFileURL(KIT).href);
// Evidence would take answers that an earlier rendering left behind.
for (const left of [path.join(OUTPUT, 'prerendered'), path.join(TEMPLATE, '.evidence-queries')]) {
	fs.rmSync(left, { recursive: true, force: true });
}
const { prerendered } = await prerender({
	out: OUTPUT,
	manifest_path: manifestPath,
	metadata: { routes: new Map(pages) },
	verbose: false,
	env: {}
});
console.log(`${prerendered.pages.size} pages rendered`);
process.exit(0);
