// The query engine behind Evidence, without a download.
//
// Evidence's own client reads Parquet, which in DuckDB-Wasm is an extension fetched from a CDN at run time. This one
// takes its place (see the alias in svelte.config.js) and attaches the native .duckdb file that scripts/sources.mjs
// writes for each source. Extensions are never loaded: page SQL must do without icu (no now(), no current_date) and
// json. During the build it runs in Node; in the browser it starts only when a page asks something that was not
// already answered at build time, so most readers never fetch the 30 MB engine.
import { tableFromIPC as tableFromBytes } from 'apache-arrow';
import { arrowTableToJSON } from '../node_modules/@evidence-dev/universal-sql/src/client-duckdb/both.js';

export { arrowTableToJSON };

/** Stored answers are read whole: Arrow's own reading of a response hangs up before the end, which looks like an error. */
export const tableFromIPC = async (response) => tableFromBytes(new Uint8Array(await response.arrayBuffer()));

/** @type {{ database: any, connection: any, readSource: (url: string) => Promise<Uint8Array>, cache?: any }} */
let engine;
/** @type {Promise<void> | undefined} */
let starting;
/** @type {{ urls: Record<string, string[]>, addBasePath: (path: string) => string }} */
let sources = { urls: {}, addBasePath: (path) => path };

// Evidence calls this before anything else; the start waits until there is something to attach.
export async function initDB() {}

export async function setParquetURLs(urls, { addBasePath = (path) => path } = {}) {
	sources = { urls, addBasePath };
	// SvelteKit loads the pages' code once more while it compiles, when nothing may be asked yet.
	if (import.meta.env.SSR && process.env.REPORT_STEP === 'render') await ready();
}

// Sources are named as schema.table everywhere, so there is no search path to keep.
export async function updateSearchPath() {}
export async function emptyDbFs() {}

/** Rows of a query: at once during the build, a promise of them in the browser. */
export function query(sql, options) {
	return import.meta.env.SSR ? queryAtBuild(sql, options) : queryInBrowser(sql);
}

function queryAtBuild(sql, options) {
	try {
		const known = options?.prerendering && engine.cache.get_arrow_if_sql_already_run(sql);
		const table = known || engine.connection.query(sql);
		if (options) engine.cache.cache_for_hash(sql, table, options);
		return arrowTableToJSON(table);
	} catch (error) {
		// Evidence would go on and print an empty page; a report with a broken query must not be published at all.
		engine.abandonBuild(`This query failed:\n\n${sql.trim()}\n\n${error.message ?? error}`);
		throw error;
	}
}

// For the browser's console, and for the test that asks the engine a question with the network cut off.
if (!import.meta.env.SSR) globalThis[Symbol.for('report query')] = queryInBrowser;

async function queryInBrowser(sql) {
	await ready();
	return arrowTableToJSON(await engine.connection.query(sql));
}

function ready() {
	starting ??= start();
	return starting;
}

async function start() {
	// Written as a plain condition so that the bundler drops the other branch, with all of Node behind it.
	if (import.meta.env.SSR) {
		engine = await (await import('./engine-node.js')).startEngine();
	} else {
		engine = await (await import('./engine-browser.js')).startEngine(sources.addBasePath);
	}
	const { database, connection, readSource } = engine;
	for (const [source, urls] of Object.entries(sources.urls)) {
		for (const url of urls) {
			const name = `${source}.duckdb`;
			await database.registerFileBuffer(name, await readSource(url));
			await connection.query(`ATTACH IF NOT EXISTS '${name}' AS "_${source}" (READ_ONLY)`);
			await connection.query(`CREATE SCHEMA IF NOT EXISTS "${source}"`);
			const tables = await connection.query(
				`SELECT table_name FROM duckdb_tables() WHERE database_name = '_${source}'`
			);
			for (const { table_name: table } of tables.toArray().map((row) => row.toJSON())) {
				await connection.query(
					`CREATE OR REPLACE VIEW "${source}"."${table}" AS FROM "_${source}"."${table}"`
				);
			}
		}
	}
}
