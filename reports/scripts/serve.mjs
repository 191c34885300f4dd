// The finished site on loopback: `node scripts/serve.mjs [folder] [port]` (default REPORT_DIR and 8080), or
// serveSite() for scripts.
//
// Any static server does the same job; it should compress .js, .json, .wasm and .duckdb, and send .wasm as
// application/wasm. The site cannot be opened as file://, because browsers refuse module scripts there.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import zlib from 'node:zlib';
import { reportDir } from './paths.mjs';

const TYPES = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json; charset=utf-8',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.ico': 'image/x-icon',
	'.woff2': 'font/woff2',
	'.wasm': 'application/wasm',
	'.duckdb': 'application/octet-stream',
	'.arrow': 'application/vnd.apache.arrow.file'
};
// Fonts and pictures are compressed already.
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.svg', '.wasm', '.duckdb', '.arrow']);

/** "/relatorios" for a site built to hang there, "" for the root. */
function basePathOf(root) {
	const stamp = path.join(root, 'build.json');
	return fs.existsSync(stamp) ? (JSON.parse(fs.readFileSync(stamp, 'utf8')).basePath ?? '') : '';
}

function answer(root, base, compressed, request, response) {
	const fail = (status, text) => {
		response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
		response.end(text);
	};
	if (request.method !== 'GET' && request.method !== 'HEAD') return fail(405, 'Método não permitido');
	let pathname;
	try {
		pathname = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
	} catch {
		return fail(400, 'Endereço inválido');
	}
	if (base && !`${pathname}/`.startsWith(`${base}/`)) {
		response.writeHead(302, { location: `${base}/` });
		return response.end();
	}
	let file = path.join(root, pathname.slice(base.length));
	// path.join has resolved any "..": what is outside the site is not there.
	if (file !== root && !file.startsWith(root + path.sep)) return fail(404, 'Página não encontrada');
	if (fs.existsSync(file) && fs.statSync(file).isDirectory()) {
		if (!pathname.endsWith('/')) {
			response.writeHead(301, { location: `${encodeURI(pathname)}/` });
			return response.end();
		}
		file = path.join(file, 'index.html');
	}
	if (!fs.existsSync(file)) return fail(404, 'Página não encontrada');

	const extension = path.extname(file);
	const headers = {
		'content-type': TYPES[extension] ?? 'application/octet-stream',
		// Names of built files change with their content; everything else is asked for anew.
		'cache-control': pathname.includes('/_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache',
		vary: 'accept-encoding'
	};
	let body;
	if (COMPRESSIBLE.has(extension) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
		const stamp = `${file} ${fs.statSync(file).mtimeMs}`;
		if (!compressed.has(stamp)) compressed.set(stamp, zlib.gzipSync(fs.readFileSync(file)));
		body = compressed.get(stamp);
		headers['content-encoding'] = 'gzip';
	} else {
		body = fs.readFileSync(file);
	}
	headers['content-length'] = body.length;
	response.writeHead(200, headers);
	response.end(request.method === 'HEAD' ? undefined : body);
}

/** Serves a folder on 127.0.0.1; port 0 takes a free one. Gives its address and a way to stop it. */
export function serveSite(folder, { port = 0 } = {}) {
	const root = path.resolve(folder);
	if (!fs.existsSync(path.join(root, 'index.html'))) throw new Error(`No report in ${root}: build it first.`);
	const base = basePathOf(root);
	const compressed = new Map();
	const server = http.createServer((request, response) => answer(root, base, compressed, request, response));
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () =>
			resolve({ address: `http://127.0.0.1:${server.address().port}${base}/`, close: () => server.close() })
		);
	});
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	const [folder = reportDir(), wanted = 8080] = process.argv.slice(2);
	let site;
	try {
		site = await serveSite(folder, { port: Number(wanted) });
	} catch (error) {
		if (error.code !== 'EADDRINUSE') throw error;
		console.log(`A porta ${wanted} está ocupada; usando outra.`);
		site = await serveSite(folder);
	}
	console.log(`Relatório em ${site.address} (Ctrl+C encerra)`);
}
