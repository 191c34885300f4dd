// What the buy list filters by and adds up. A filter is {name, label, code(row), text(row)}; '' chooses everything.

/** The mark of rows that have no value: it can be asked for like any other. */
export const NONE = '-';

const codeOf = (row, { code }) => code(row) ?? NONE;

/** Whether the row is what every active filter asks for. */
export const keeps = (row, active, chosen) => active.every((filter) => codeOf(row, filter) === chosen[filter.name]);

/** The values that occur, by name; a value from the address that no row has stays visible as what it is. */
export function choicesOf(rows, filter, chosen) {
	const found = new Map(rows.map((row) => [codeOf(row, filter), filter.text(row) ?? 'não informado']));
	if (chosen && !found.has(chosen)) found.set(chosen, `${chosen} (nenhuma linha)`);
	return [...found].map(([code, text]) => ({ code, text })).sort((a, b) => a.text.localeCompare(b.text, 'pt-BR'));
}

/** The address with one filter changed; the others stay. */
export function withFilter(url, name, value) {
	const changed = new URL(url);
	if (value) changed.searchParams.set(name, value);
	else changed.searchParams.delete(name);
	return `${changed.pathname}${changed.search}`;
}

/** Sum of what is known, in whole cents; null where rows there are and none is known. */
function sumOf(values) {
	const known = values.filter((value) => value !== null && value !== undefined);
	if (values.length && !known.length) return null;
	return known.reduce((cents, value) => cents + Math.round(value * 100), 0) / 100;
}

/** What the lines to order come to. Lines that are only near their reorder point cost nothing yet. */
export function totalsOf(rows) {
	const orders = rows.filter((row) => row.status === 'order_now');
	return {
		orderLines: orders.length,
		waitingLines: rows.length - orders.length,
		value: sumOf(orders.map((row) => row.order_value_brl)),
		risk: sumOf(orders.map((row) => row.risk_brl)),
		unknownLines: orders.filter((row) => row.order_value_brl === null || row.order_value_brl === undefined).length
	};
}
