// Addresses inside the site. All of them respect the base path of the server.
import { base } from '$app/paths';

export const itemLink = (item, location) =>
	`${base}/item/?item=${encodeURIComponent(item)}${location ? `&local=${encodeURIComponent(location)}` : ''}`;

/** What a location has to order today. */
export const ordersLink = (location) => `${base}/compras/?situacao=order_now&local=${encodeURIComponent(location)}`;

/** The file is named after the encoded item number, so the address encodes it once more. */
export const itemFile = (item, version) =>
	`${base}/items/${encodeURIComponent(encodeURIComponent(item))}.json?v=${encodeURIComponent(version)}`;
