// A step of the build as a process of its own, in the folder and with the settings that Evidence expects.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { holdWith } from './lock.mjs';
import { TEMPLATE } from './paths.mjs';

/** Runs a Node script to its end; a signal that stops this process stops it too. */
export function runInTemplate(script, args = [], settings = {}) {
	const env = {
		...process.env,
		NODE_ENV: 'production',
		NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-old-space-size=4096`.trim(),
		SEND_ANONYMOUS_USAGE_STATS: 'no',
		EVIDENCE_STRICT_MODE: 'true',
		EVIDENCE_IS_BUILDING: 'true',
		EVIDENCE_DATA_DIR: './static/data',
		EVIDENCE_DATA_URL_PREFIX: 'static/data',
		...settings
	};
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [script, ...args], { cwd: TEMPLATE, env, stdio: 'inherit' });
		holdWith(child.pid);
		const stop = (signal) => child.kill(signal);
		for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
		child.once('error', reject);
		child.once('exit', (code, signal) => {
			for (const name of ['SIGINT', 'SIGTERM']) process.off(name, stop);
			if (code === 0) resolve();
			else reject(new Error(`The report build failed in ${path.basename(script)} (${code ?? signal}).`));
		});
	});
}
