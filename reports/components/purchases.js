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
	const names = new Map(rows.map((row) => [row.location_id, row.location_name]));
	return [...names]
		.map(([id, name]) => {
			const here = rows.filter((row) => row.location_id === id);
			return { id, name: name ?? id, lines: here.length, value: sumOf(here.map((row) => row.order_value_brl)) };
		})
		.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
}
