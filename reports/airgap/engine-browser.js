// DuckDB-Wasm in the browser, for queries that depend on what the reader does.
import * as duckdb from '@duckdb/duckdb-wasm';
import wasm from '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url';
import EngineWorker from '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?worker';
import { RESULT_TYPES, SETTINGS } from './engine-settings.js';

export async function startEngine(addBasePath) {
	const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new EngineWorker());
	await database.instantiate(wasm);
	await database.open({ query: RESULT_TYPES });
	const connection = await database.connect();
	for (const setting of SETTINGS) await connection.query(setting);
	// Whatever still wants an extension asks this site and gets a 404, never a host outside.
	await connection.query(`SET custom_extension_repository = '${location.origin}/duckdb-extensions'`);

	async function readSource(url) {
		// SvelteKit serves static/ at the root of the site.
		const response = await fetch(addBasePath(url.replace(/^\/?static/, '')));
		if (!response.ok) throw new Error(`${response.url}: HTTP ${response.status}`);
		return new Uint8Array(await response.arrayBuffer());
	}
	return { database, connection, readSource };
}
