// What the engine is told in Node and in the browser alike.

/** JavaScript numbers instead of BigInt and decimal objects; dates instead of microseconds. */
export const RESULT_TYPES = {
	castBigIntToDouble: true,
	castTimestampToDate: true,
	castDecimalToDouble: true,
	castDurationToTime64: true
};

/** Nothing is looked for outside the engine itself. */
export const SETTINGS = ['SET autoload_known_extensions = false', 'SET autoinstall_known_extensions = false'];
