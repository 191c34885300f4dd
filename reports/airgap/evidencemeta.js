// Which queries a page has. The counterpart of Evidence's endpoint, without its list of entries: SvelteKit would
// render those while it compiles, when there are no data yet. A page asks for its own when it is rendered.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import preprocessor from '@evidence-dev/preprocess';
import { json } from '@sveltejs/kit';

export const prerender = true;

export async function GET({ params: { route } }) {
	const page = await readFile(path.join(process.cwd(), 'src/pages', route, '+page.md'), 'utf8');
	return json({ queries: preprocessor.extractQueries(preprocessor.injectPartials(page)) });
}
