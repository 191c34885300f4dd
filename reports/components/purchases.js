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
