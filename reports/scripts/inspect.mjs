// Opens pages of the finished site in a real Chromium and prints, as JSON, what a reader would meet there:
//
//   node scripts/inspect.mjs [--shots folder] [--widths 390,1440] [--scheme dark] [--search words] [--download] [--workbook]
//                            [--select selector=value] [--query sql] [--click selector]… [--browser /usr/bin/chromium] [--tabs 3]
//                            [--print] [--pdf folder] [--accessibility] page…
//   node scripts/inspect.mjs --file snapshot.html     the same for a file, opened from disk with every other request blocked
//
// For each page and width: figures (elements with data-figure: text and raw value), title, text, console errors,
// failed answers, requests that left loopback (blocked, and listed), horizontal overflow, milliseconds to the first
// words and to the first chart (to be compared only with --tabs 1), and the screenshot file. --search types into the page's first table search,
// --download takes that table's CSV, --workbook its XLSX (in base64), --select chooses in a list of choices, --query asks
// the engine in the browser, and --click follows links, one after the other; --pdf prints the page and --print shows it as on
// paper, with what would not be right there. What is read is the page after all of these. --accessibility adds what keeps a
// reader out (accessibility.mjs).
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { findings, keyboardFindings } from './accessibility.mjs';
import { reportDir } from './paths.mjs';
import { serveSite } from './serve.mjs';

const { values: options, positionals: pages } = parseArgs({
	allowPositionals: true,
	options: {
		shots: { type: 'string' },
		widths: { type: 'string', default: '1440' },
		browser: { type: 'string', default: process.env.CHROMIUM || '/usr/bin/chromium' },
		click: { type: 'string', multiple: true, default: [] },
		search: { type: 'string' },
		download: { type: 'boolean', default: false },
		workbook: { type: 'boolean', default: false },
		select: { type: 'string' },
		query: { type: 'string' },
		file: { type: 'string' },
		tabs: { type: 'string', default: '3' },
		accessibility: { type: 'boolean', default: false },
		print: { type: 'boolean', default: false },
		pdf: { type: 'string' },
		scheme: { type: 'string', default: 'light' }
	}
});

// No sandbox: the tests run as root in containers. The rest keeps Chromium's own chatter off the network.
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const CHART = '.chart[data-drawn="true"]';
const PAPER = { width: 1047, height: 700 }; // 277 mm between the margins of app.css

// A file has to do without anything beside itself, loopback included.
const isAllowed = options.file
	? (url) => url.split('#')[0] === pathToFileURL(path.resolve(options.file)).href
	: (url) => !/^(https?|wss?):/.test(url) || LOOPBACK.has(new URL(url).hostname);

/** What the reader sees once the page has settled. */
const readPage = () => ({
	title: document.title,
	lang: document.documentElement.lang,
	figures: Object.fromEntries(
		[...document.querySelectorAll('[data-figure]')].map((element) => [
			element.dataset.figure,
			{ text: element.textContent.trim(), value: element.dataset.value ?? null }
		])
	),
	charts: document.querySelectorAll('.chart').length,
	text: document.querySelector('main')?.innerText ?? document.body.innerText,
	tableRows: [...document.querySelectorAll('main table')].map((table) => table.tBodies[0].rows.length),
	overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth
});

/** What does not belong on paper, or does not fit on it. */
const readPaper = () => {
	const shown = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
	const right = document.documentElement.clientWidth;
	return {
		// A list to choose from stands there as the words that were chosen.
		controls: shown('nav, input, select, button:not(th button)').filter((element) => element.tagName !== 'SELECT' || getComputedStyle(element).appearance !== 'none').map((element) => element.textContent.trim() || element.name),
		cut: shown('table, .chart svg, dl').filter((element) => element.getBoundingClientRect().right > right + 1 || element.scrollWidth > element.clientWidth + 1).map((element) => element.outerHTML.slice(0, 80)),
		ground: getComputedStyle(document.body).backgroundColor
	};
};

async function inspect(browser, address, page, width) {
	const context = await browser.newContext({
		viewport: { width, height: 900 },
		locale: 'pt-BR',
		colorScheme: options.scheme
	});
	const seen = { page, width, consoleErrors: [], failedAnswers: [], blockedRequests: [], bytes: 0 };
	await context.route('**/*', (route) => {
		const url = route.request().url();
		if (isAllowed(url)) return route.continue();
		seen.blockedRequests.push(url);
		return route.abort();
	});
	// A machine that does other work besides may take its time; a page that never opens still ends.
	context.setDefaultTimeout(90_000);
	const tab = await context.newPage();
	tab.on('console', (message) => message.type() === 'error' && seen.consoleErrors.push(message.text()));
	tab.on('pageerror', (error) => seen.consoleErrors.push(String(error)));
	tab.on('requestfailed', (request) => seen.failedAnswers.push(`${request.url()} ${request.failure()?.errorText}`));
	tab.on('response', async (response) => {
		if (response.status() >= 400) seen.failedAnswers.push(`${response.url()} ${response.status()}`);
		seen.bytes += Number(response.headers()['content-length'] ?? 0);
	});

	const began = Date.now();
	await tab.goto(address ? new URL(page.replace(/^\//, ''), address).href : page, { waitUntil: 'load' });
	const drawn = tab.waitForSelector(CHART, { timeout: 60_000 }).then(() => Date.now() - began);
	drawn.catch(() => {});
	await tab.waitForLoadState('networkidle');
	if (!options.file) await tab.waitForSelector('main[data-ready]');
	await tab.waitForSelector('[aria-busy]', { state: 'detached' });
	// A page without charts has none to wait for.
	seen.firstChartMs = (await tab.locator('.chart').count()) ? await drawn : null;
	seen.firstPaintMs = await tab.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null);
	if (options.search) await tab.locator('input[type=search]').first().fill(options.search);
	if (options.select) {
		const [selector, value] = options.select.split(/=(?=[^=]*$)/);
		const before = tab.url();
		await tab.locator(selector).first().selectOption(value);
		await tab.waitForURL((url) => url.href !== before);
	}
	const save = async (selector) => {
		const [file] = await Promise.all([tab.waitForEvent('download'), tab.locator(selector).first().click()]);
		return [file.suggestedFilename(), fs.readFileSync(await file.path())];
	};
	if (options.download) {
		const [name, bytes] = await save('button.save-csv');
		Object.assign(seen, { downloadName: name, download: bytes.toString('utf8') });
	}
	if (options.workbook) {
		const [name, bytes] = await save('button.save-xlsx');
		Object.assign(seen, { workbookName: name, workbook: bytes.toString('base64') });
	}
	if (options.query) {
		const ask = (sql) => globalThis[Symbol.for('report query')](sql).then((rows) => rows.map((row) => row.toJSON()));
		seen.queryRows = await tab.evaluate(ask, options.query);
	}
	for (const selector of options.click) {
		const before = tab.url();
		await tab.locator(selector).first().click();
		await tab.waitForURL((url) => url.href !== before);
		await tab.waitForLoadState('networkidle');
		await tab.waitForSelector('[aria-busy]', { state: 'detached' });
		if (await tab.locator('.chart').count()) await tab.waitForSelector(CHART, { timeout: 60_000 });
		await tab.waitForLoadState('networkidle');
	}
	const name = page.replace(/[^\w]+/g, '-').replace(/^-|-$/g, '') || 'hoje';
	if (options.pdf) {
		fs.mkdirSync(options.pdf, { recursive: true });
		seen.pdf = path.resolve(options.pdf, `${name}.pdf`);
		await tab.pdf({ path: seen.pdf, preferCSSPageSize: true });
	}
	if (options.print) {
		await tab.setViewportSize(PAPER);
		await tab.emulateMedia({ media: 'print' });
		await tab.evaluate(() => dispatchEvent(new Event('beforeprint')));
		seen.paper = await tab.evaluate(readPaper);
	}
	seen.address = tab.url();
	Object.assign(seen, await tab.evaluate(readPage));
	if (options.shots) {
		fs.mkdirSync(options.shots, { recursive: true });
		seen.screenshot = path.resolve(options.shots, `${name}-${width}${options.scheme === 'dark' ? '-dark' : ''}.png`);
		await tab.screenshot({ path: seen.screenshot, fullPage: true });
	}
	if (options.accessibility) {
		seen.accessibility = await tab.evaluate(findings);
		// Paper has no keyboard.
		if (!options.print) seen.accessibility.push(...(await keyboardFindings(tab)));
	}
	await context.close();
	return seen;
}

const site = options.file ? undefined : await serveSite(reportDir());
if (options.file) pages.push(pathToFileURL(path.resolve(options.file)).href);
const browser = await chromium.launch({ executablePath: options.browser, headless: true, args: FLAGS });
try {
	const visits = (pages.length ? pages : ['/']).flatMap((page) =>
		options.widths.split(',').map((width) => ({ page, width: Number(width) }))
	);
	const results = Array(visits.length);
	let next = 0;
	// Most of a visit is waiting for the page to be quiet, which several can do at once.
	const visitor = async () => {
		for (let index = next++; index < visits.length; index = next++) {
			const { page, width } = visits[index];
			results[index] = await inspect(browser, site?.address, page, width);
		}
	};
	await Promise.all(Array.from({ length: Number(options.tabs) }, visitor));
	console.log(JSON.stringify(results, null, 1));
} finally {
	await browser.close();
	site?.close();
}
