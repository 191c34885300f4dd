// DuckDB-Wasm in Node, for the queries that are answered while the site is built.
import { readdirSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as cache from '@evidence-dev/universal-sql';
import { RESULT_TYPES, SETTINGS } from './engine-settings.js';

export async function startEngine() {
	// DuckDB-Wasm waits forever where a download is impossible; with this stub the download fails at once.
	globalThis.XMLHttpRequest ??= class {
		open() {}
		setRequestHeader() {}
		send() {
			this.status = 503;
		}
	};
	// The build runs in .evidence/template; the engine must share its copy of apache-arrow with Evidence's cache.
	const require = createRequire(path.join(process.cwd(), '../../package.json'));
	const duckdb = require('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs');
	// The very engine that readers get.
	const served = '.svelte-kit/output/client/_app/immutable/assets';
	const name = readdirSync(served).find((file) => /^duckdb-eh\..*\.wasm$/.test(file));
	const engine = { mainModule: path.resolve(served, name), mainWorker: '' };
	const database = await duckdb.createDuckDB(
		{ mvp: engine, eh: engine },
		new duckdb.VoidLogger(),
		duckdb.NODE_RUNTIME
	);
	await database.instantiate(() => {});
	database.open({ query: RESULT_TYPES });
	const connection = database.connect();
	for (const setting of SETTINGS) connection.query(setting);
	return { database, connection, cache, abandonBuild, readSource: async (url) => new Uint8Array(await readFile(url)) };
}

/** Ends the build on the spot. The message is written past the console, which would not get to print it. */
function abandonBuild(message) {
	writeSync(2, `\n${message}\n\n`);
	process.kill(process.pid, 'SIGKILL');
}
