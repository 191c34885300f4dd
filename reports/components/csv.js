// A table as a CSV that Excel in Brazil opens with a double click: semicolons, decimal commas, UTF-8 with mark.

import { formatDay } from './format.js';

const DANGEROUS = /^[=+\-@\t\r]/;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

export const isDay = (value) => ISO_DAY.test(value);

/** Text that a spreadsheet would run as a formula is made plain text by an apostrophe. */
export const plainText = (value) => (DANGEROUS.test(value) ? `'${value}` : String(value));

/** One cell. */
export function csvCell(value) {
	if (value === null || value === undefined) return '';
	if (typeof value === 'number') return String(value).replace('.', ',');
	if (isDay(value)) return formatDay(value);
	const text = plainText(value);
	return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole table; `columns` are {label, value(row)}. */
export function csvTable(columns, rows) {
	const lines = [columns.map(({ label }) => csvCell(label))];
	for (const row of rows) lines.push(columns.map(({ value }) => csvCell(value(row))));
	return `\ufeff${lines.map((cells) => cells.join(';')).join('\r\n')}\r\n`;
}

export function download(name, content, type = 'text/csv;charset=utf-8') {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([content], { type }));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
