// Gold -> finished site, in one step; nothing to do when neither gold nor the report's own files have changed.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { buildSite } from './build.mjs';
import { alone } from './lock.mjs';
import { REPORTS, goldRoot, reportDir } from './paths.mjs';
import { readPointer, writeSources } from './sources.mjs';

const GENERATED = new Set(['node_modules', '.evidence', 'build', path.basename(reportDir())]);

/** Digest of everything the site is made from. */
function fingerprint(root) {
	const hash = createHash('sha256').update(fs.readFileSync(path.join(root, 'current.json')));
	const visit = (folder) => {
		for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
			const file = path.join(folder, entry.name);
			if (entry.isDirectory()) {
				if (folder !== REPORTS || !GENERATED.has(entry.name)) visit(file);
			} else if (entry.isFile()) hash.update(path.relative(REPORTS, file)).update(fs.readFileSync(file));
		}
	};
	visit(REPORTS);
	return hash.digest('hex');
}

function isCurrent(target, digest) {
	const stamp = path.join(target, 'build.json');
	return fs.existsSync(stamp) && JSON.parse(fs.readFileSync(stamp, 'utf8')).fingerprint === digest;
}

const root = goldRoot();
const target = reportDir();
await alone(async () => {
	const digest = fingerprint(root);
	if (isCurrent(target, digest)) {
		console.log(`The report in ${target} already shows gold ${readPointer(root).version}: nothing to build.`);
	} else {
		await writeSources(root);
		await buildSite({ fingerprint: digest }, target);
	}
});
