// Gold -> finished site, in one step; nothing to do when neither gold nor the report's own files have changed.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { buildSite } from './build.mjs';
import { codeDigest } from './compile.mjs';
import { alone } from './lock.mjs';
import { goldRoot, reportDir } from './paths.mjs';
import { readPointer, writeSources } from './sources.mjs';

/** Digest of everything the site is made from. */
const fingerprint = (root) =>
	createHash('sha256').update(fs.readFileSync(path.join(root, 'current.json'))).update(codeDigest()).digest('hex');

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
