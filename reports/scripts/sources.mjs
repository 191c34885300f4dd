// Published gold -> what the pages read. Replaces `evidence sources`, which needs a download.
//
//   sources/gold/*.sql   one table each in data/gold/<version>/gold.duckdb, queried by queries/*.sql
//   sources/item/*.sql   one entry each in items/<item_id>.json, read by the item page; every query has item_id
//
// The queries see the published tables as gold.<table> and the pointer as gold.publication. Only gold/current.json
// says which files those are: a half-written or withdrawn version is never read.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { REPORTS, STATIC, goldRoot } from './paths.mjs';

const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;
const identifier = (text) => `"${String(text).replaceAll('"', '""')}"`;

/** Reads the pointer and checks that every file it names is there. */
export function readPointer(root) {
	const file = path.join(root, 'current.json');
	if (!fs.existsSync(file)) throw new Error(`No published gold: ${file} does not exist. Publish first.`);
	const pointer = JSON.parse(fs.readFileSync(file, 'utf8'));
	for (const [table, { path: where }] of Object.entries(pointer.tables)) {
		if (!fs.existsSync(path.resolve(root, where))) {
			throw new Error(`Gold version ${pointer.version} names ${where} for ${table}, which does not exist.`);
		}
	}
	return pointer;
}

/** Queries of one source folder, by table name. */
function queriesOf(source) {
	const folder = path.join(REPORTS, 'sources', source);
	return fs
		.readdirSync(folder)
		.filter((name) => name.endsWith('.sql'))
		.sort()
		.map((name) => ({
			name: name.slice(0, -'.sql'.length),
			sql: fs.readFileSync(path.join(folder, name), 'utf8').trim().replace(/;$/, '')
		}));
}

async function exposeGold(connection, root, pointer) {
	// In memory, beside the file that is being written: nothing of gold is copied but what the queries select.
	await connection.run(`ATTACH ':memory:' AS published; CREATE SCHEMA published.gold`);
	for (const [table, { path: where }] of Object.entries(pointer.tables)) {
		const target = path.resolve(root, where);
		const files = fs.statSync(target).isDirectory() ? path.join(target, '*.parquet') : target;
		await connection.run(
			`CREATE VIEW published.gold.${identifier(table)} AS FROM read_parquet(${quoted(files)})`
		);
	}
	const { passed = null, warned = null, failed = null } = pointer.checks ?? {};
	await connection.run(`
		CREATE TABLE published.gold.publication AS SELECT
			${quoted(pointer.version)} AS version,
			${quoted(pointer.generated_at)} AS generated_at,
			${pointer.as_of_on ? quoted(pointer.as_of_on) : 'NULL'}::DATE AS as_of_on,
			${passed}::INTEGER AS checks_passed, ${warned}::INTEGER AS checks_warned, ${failed}::INTEGER AS checks_failed,
			${pointer.quality_score_pct ?? null}::DOUBLE AS quality_score_pct`);
	await connection.run('USE published.gold');
}

/** One .duckdb file for the engine in the pages, and Evidence's list of such files. */
async function writeDatabase(connection, version) {
	const folder = path.join(STATIC, 'data/gold', version);
	fs.mkdirSync(folder, { recursive: true });
	const file = path.join(folder, 'gold.duckdb');
	await connection.run(`ATTACH ${quoted(file)} AS site`);
	for (const { name, sql } of queriesOf('gold')) {
		await connection.run(`CREATE TABLE site.main.${identifier(name)} AS ${sql}`);
		const [[rows]] = (await connection.runAndReadAll(`SELECT count(*) FROM site.main.${identifier(name)}`)).getRows();
		console.log(`  gold.${name}: ${rows} rows`);
	}
	await connection.run('DETACH site');
	// The version in the path makes a browser's cached copy of yesterday harmless.
	const renderedFiles = { gold: [`static/data/gold/${version}/gold.duckdb`] };
	fs.writeFileSync(path.join(STATIC, 'data/manifest.json'), JSON.stringify({ renderedFiles }));
	console.log(`  gold.duckdb: ${megabytes(fs.statSync(file).size)}`);
}

/** One small JSON file per item, by column, so that the item page needs neither the engine nor the whole catalogue. */
async function writeItems(connection) {
	const folder = path.join(STATIC, 'items');
	fs.mkdirSync(folder, { recursive: true });
	const items = new Map();
	for (const { name, sql } of queriesOf('item')) {
		const columns = (await connection.runAndReadAll(`DESCRIBE ${sql}`))
			.getRowObjectsJS()
			.map((row) => row.column_name)
			.filter((column) => column !== 'item_id');
		const lists = columns.map((column) => `${identifier(column)} := list(${identifier(column)} ORDER BY _row)`);
		const result = await connection.stream(`
			SELECT item_id, to_json(struct_pack(${lists.join(', ')}))::VARCHAR
			FROM (SELECT *, row_number() OVER () AS _row FROM (${sql})) GROUP BY item_id`);
		for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
			for (const [item, json] of chunk.getRows()) {
				if (!items.has(item)) items.set(item, []);
				items.get(item).push(`${JSON.stringify(name)}:${json}`);
			}
		}
	}
	let bytes = 0;
	for (const [item, entries] of items) {
		const text = `{${entries.join(',\n')}}`;
		// An item number may hold any character; encoded, it is always one plain file name.
		fs.writeFileSync(path.join(folder, `${encodeURIComponent(item)}.json`), text);
		bytes += Buffer.byteLength(text);
	}
	console.log(`  items: ${items.size} files, ${megabytes(bytes)}`);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Writes everything the pages read, for the version that the pointer names. */
export async function writeSources(root = goldRoot()) {
	const began = Date.now();
	const pointer = readPointer(root);
	console.log(`Report sources from gold ${pointer.version} (data until ${pointer.as_of_on})`);
	fs.rmSync(path.join(STATIC, 'data'), { recursive: true, force: true });
	fs.rmSync(path.join(STATIC, 'items'), { recursive: true, force: true });
	const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
	const connection = await instance.connect();
	// Instants are stored and shown from UTC, wherever the build runs.
	await connection.run("SET TimeZone = 'UTC'");
	await exposeGold(connection, root, pointer);
	await writeDatabase(connection, pointer.version);
	await writeItems(connection);
	connection.disconnectSync();
	instance.closeSync();
	fs.writeFileSync(path.join(STATIC, 'data/publication.json'), JSON.stringify({ version: pointer.version }));
	console.log(`  done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
	return pointer;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await writeSources();
