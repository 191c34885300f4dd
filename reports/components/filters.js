// What a list filters by. A filter is {name, label, all, code(row), text(row)}; '' chooses everything. `name` stands in the
// address, so that a filtered view can be shared.

/** The mark of rows that have no value: it can be asked for like any other. */
export const NONE = '-';

const codeOf = (row, { code }) => code(row) ?? NONE;

/** What an address asks of each filter; '' where it asks nothing. @param {URLSearchParams} address */
export const chosenIn = (address, filters) => Object.fromEntries(filters.map(({ name }) => [name, address.get(name) ?? '']));

/** Whether the row is what every active filter asks for. */
export const keeps = (row, active, chosen) => active.every((filter) => codeOf(row, filter) === chosen[filter.name]);

/** The values that occur, in the filter's own order where it has one (`order`: codes), else by name. A value from the
 * address that no row has stays visible as what it is. */
export function choicesOf(rows, filter, chosen) {
	const found = new Map(rows.map((row) => [codeOf(row, filter), filter.text(row) ?? 'não informado']));
	if (chosen && !found.has(chosen)) found.set(chosen, `${chosen} (nenhuma linha)`);
	const place = (code) => filter.order?.indexOf(code) ?? 0;
	return [...found]
		.map(([code, text]) => ({ code, text }))
		.sort((a, b) => place(a.code) - place(b.code) || a.text.localeCompare(b.text, 'pt-BR'));
}

/** The address with some filters changed; the others stay. */
export function withFilters(url, values) {
	const changed = new URL(url);
	for (const [name, value] of Object.entries(values)) {
		if (value) changed.searchParams.set(name, value);
		else changed.searchParams.delete(name);
	}
	return `${changed.pathname}${changed.search}`;
}
