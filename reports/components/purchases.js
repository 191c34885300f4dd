// What the buy list adds up.

import { sumOf } from './figures.js';

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

/** What each location has to order, most money first. */
export function ordersByLocation(rows) {
	const places = new Map();
	for (const { location_id: id, location_name: name, order_value_brl: value } of rows) {
		if (!places.has(id)) places.set(id, { id, name: name ?? id, values: [] });
		places.get(id).values.push(value);
	}
	return [...places.values()]
		.map(({ id, name, values }) => ({ id, name, lines: values.length, value: sumOf(values) }))
		.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
}
