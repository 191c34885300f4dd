// Writing filters into the address of the page, in the browser.
import { goto } from '$app/navigation';
import { withFilters } from './filters.js';

/** Sets ('' removes) parameters of the address; the page stays where it is and no step is added to its history. */
export const choose = (values) =>
	goto(withFilters(new URL(location.href), values), { replaceState: true, noScroll: true, keepFocus: true });
