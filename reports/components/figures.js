// Figures that follow the rows on the page.

/** Sum of what is known, in whole cents; null where rows there are and none is known. */
export function sumOf(values) {
	const known = values.filter((value) => value !== null && value !== undefined);
	if (values.length && !known.length) return null;
	return known.reduce((cents, value) => cents + Math.round(value * 100), 0) / 100;
}
