// Where things are. Everything a reader may want to change comes from the environment, read when it is needed.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPORTS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** The SvelteKit project that Evidence's template, our pages and our settings are put together in. */
export const TEMPLATE = path.join(REPORTS, '.evidence/template');
/** What compile.mjs makes of it. */
export const OUTPUT = path.join(TEMPLATE, '.svelte-kit/output');
/** What sources.mjs writes and the site serves as /data and /items. */
export const STATIC = process.env.REPORT_STATIC || path.join(TEMPLATE, 'static');

/** Folder of published gold (the one that holds current.json). */
export function goldRoot(env = process.env) {
	if (!env.GOLD_ROOT) {
		throw new Error('GOLD_ROOT is not set: give the absolute path of the folder that holds gold/current.json');
	}
	if (!path.isAbsolute(env.GOLD_ROOT)) throw new Error(`GOLD_ROOT must be an absolute path, not ${env.GOLD_ROOT}`);
	return env.GOLD_ROOT;
}

/** Folder of the finished site. */
export function reportDir(env = process.env) {
	return path.resolve(REPORTS, env.REPORT_DIR || 'build');
}

/** Where the site hangs on its server ("/relatorios", or "" for the root), from evidence.config.yaml. */
export function basePath() {
	const config = fs.readFileSync(path.join(REPORTS, 'evidence.config.yaml'), 'utf8');
	const [, text] = /^\s*basePath:\s*["']?([^"'\s]*)/m.exec(config) ?? [];
	return text ? `/${text}`.replace(/\/+/g, '/').replace(/\/$/, '') : '';
}
