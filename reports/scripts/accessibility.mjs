// What keeps a reader out: checks of a page as Chromium shows it. They are this project's own (axe-core is not on the
// machines that build it) and cover less than axe: names of controls, headings, landmarks, language, tables, references,
// contrast from computed colours, and what the keyboard reaches. Each finding is one sentence with the element in it.

/** Findings of the page as it stands. Runs in the page. */
export const findings = () => {
	const found = [];
	const visible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
	const named = (element) => {
		const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
		return `<${element.tagName.toLowerCase()}${element.className && typeof element.className === 'string' ? ` class="${element.className}"` : ''}> “${text}”`;
	};
	const byId = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id));

	// language, title, landmarks
	if (!document.documentElement.lang) found.push('the page has no language');
	if (!document.title.trim()) found.push('the page has no title');
	const mains = [...document.querySelectorAll('main, [role=main]')].filter(visible);
	if (mains.length !== 1) found.push(`the page has ${mains.length} main landmarks instead of one`);
	for (const nav of document.querySelectorAll('nav')) {
		if (visible(nav) && !nav.getAttribute('aria-label') && !nav.getAttribute('aria-labelledby')) found.push(`navigation without a name: ${named(nav)}`);
	}

	// headings
	const headings = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(visible);
	const firsts = headings.filter((heading) => heading.tagName === 'H1').length;
	if (firsts !== 1) found.push(`the page has ${firsts} first-level headings instead of one`);
	headings.reduce((before, heading) => {
		const level = Number(heading.tagName[1]);
		if (level > before + 1) found.push(`heading of level ${level} after level ${before}: ${named(heading)}`);
		if (!heading.textContent.trim()) found.push(`empty heading of level ${level}`);
		return level;
	}, 0);

	// names of controls and pictures
	const nameOf = (element) =>
		[
			element.getAttribute('aria-label'),
			...(element.getAttribute('aria-labelledby') ? byId(element.getAttribute('aria-labelledby')).map((one) => one?.textContent) : []),
			...[...(element.labels ?? [])].map((label) => label.textContent),
			...(['INPUT', 'SELECT', 'TEXTAREA'].includes(element.tagName) ? [] : [element.textContent]),
			element.getAttribute('alt'),
			element.getAttribute('title')
		].some((text) => text?.trim());
	for (const control of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')) {
		if (visible(control) && !nameOf(control)) found.push(`control without a name: ${named(control)}`);
	}
	for (const picture of document.querySelectorAll('img, [role=img]')) {
		if (visible(picture) && !picture.hasAttribute('alt') && !nameOf(picture)) found.push(`picture without words: ${named(picture)}`);
	}
	for (const element of document.querySelectorAll('[aria-hidden=true] :is(a[href], button, input, select, textarea)')) {
		if (visible(element)) found.push(`control hidden from readers only: ${named(element)}`);
	}

	// tables
	for (const table of [...document.querySelectorAll('table')].filter(visible)) {
		const headers = [...table.querySelectorAll('th')];
		if (!table.caption?.textContent.trim() && !table.getAttribute('aria-label')) found.push(`table without a name: ${named(table)}`);
		if (!headers.length) found.push(`table without headers: ${named(table)}`);
		for (const header of headers) if (!header.scope) found.push(`header without a scope: ${named(header)}`);
		const columns = table.tHead?.rows[0]?.cells.length;
		for (const row of table.tBodies[0]?.rows ?? []) {
			if (columns && row.cells.length !== columns) {
				found.push(`row of ${row.cells.length} cells under ${columns} headers: ${named(row)}`);
				break;
			}
		}
	}

	// references
	const ids = new Set();
	for (const { id } of document.querySelectorAll('[id]')) {
		if (ids.has(id)) found.push(`the id “${id}” stands twice`);
		ids.add(id);
	}
	for (const name of ['aria-labelledby', 'aria-controls', 'aria-describedby']) {
		for (const element of document.querySelectorAll(`[${name}]`)) {
			if (byId(element.getAttribute(name)).includes(null)) found.push(`${name} names nothing: ${named(element)}`);
		}
	}

	// contrast: every visible text against what is painted behind it
	const parse = (colour) => {
		const numbers = (colour.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
		if (!numbers.length) return [0, 0, 0, 0];
		const [red, green, blue, alpha = 1] = numbers;
		return colour.startsWith('color(srgb') ? [red * 255, green * 255, blue * 255, alpha] : [red, green, blue, alpha];
	};
	const over = ([r, g, b, alpha], [red, green, blue]) => [
		r * alpha + red * (1 - alpha),
		g * alpha + green * (1 - alpha),
		b * alpha + blue * (1 - alpha),
		1
	];
	const ancestors = (element) => (element ? [element, ...ancestors(element.parentElement)] : []);
	const backgroundOf = (element) => {
		const layers = ancestors(element).map((one) => parse(getComputedStyle(one).backgroundColor));
		// Paper is white on a dark screen too.
		const canvas = getComputedStyle(document.documentElement).colorScheme === 'dark' ? [18, 18, 18, 1] : [255, 255, 255, 1];
		return layers.reverse().reduce((below, layer) => over(layer, below), canvas);
	};
	const luminance = (colour) => {
		const [red, green, blue] = colour.slice(0, 3).map((part) => {
			const share = part / 255;
			return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
		});
		return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
	};
	const seen = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let text = walker.nextNode(); text; text = walker.nextNode()) {
		const element = text.parentElement;
		if (!text.data.trim() || seen.has(element) || !visible(element) || element.closest('script, style, noscript')) continue;
		seen.add(element);
		const style = getComputedStyle(element);
		const range = document.createRange();
		range.selectNodeContents(text);
		const box = range.getBoundingClientRect();
		// what only screen readers meet has no colour to see
		if (box.width < 2 || box.height < 2 || element.closest('.visually-hidden, .skip') || element.tagName === 'OPTION') continue;
		const isDrawn = element.namespaceURI === 'http://www.w3.org/2000/svg';
		const ink = parse(isDrawn ? style.fill : style.color);
		const opacity = ancestors(element).reduce((product, one) => product * Number(getComputedStyle(one).opacity), 1);
		const behind = backgroundOf(element);
		const [light, dark] = [luminance(over([ink[0], ink[1], ink[2], ink[3] * opacity], behind)), luminance(behind)].sort((a, b) => b - a);
		const size = parseFloat(style.fontSize);
		const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
		const contrast = (light + 0.05) / (dark + 0.05);
		if (contrast < needed - 0.005) found.push(`contrast ${contrast.toFixed(2)} of ${needed} in ${named(element)}`);
	}
	return found;
};

/** Controls that Tab does not reach, or reaches without showing it. Leaves the focus somewhere on the page. */
export async function keyboardFindings(tab) {
	const count = await tab.evaluate(() => {
		const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(
			(element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled
		);
		controls.forEach((element, index) => element.setAttribute('data-control', index));
		document.activeElement?.blur();
		return controls.length;
	});
	const reached = new Map();
	for (let press = 0; press < count + 5 && reached.size < count; press++) {
		await tab.keyboard.press('Tab');
		const [index, isShown] = await tab.evaluate(() => {
			const element = document.activeElement;
			const style = getComputedStyle(element);
			return [element.getAttribute('data-control'), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0];
		});
		if (index !== null) reached.set(Number(index), isShown);
	}
	return tab.evaluate(
		([all, known]) =>
			Array.from({ length: all }, (_, index) => index).flatMap((index) => {
				const element = document.querySelector(`[data-control="${index}"]`);
				const words = `<${element.tagName.toLowerCase()}> “${(element.textContent ?? '').trim().slice(0, 40)}”`;
				if (!(index in known)) return [`not reached by Tab: ${words}`];
				return known[index] ? [] : [`focus is not shown: ${words}`];
			}),
		[count, Object.fromEntries(reached)]
	);
}
