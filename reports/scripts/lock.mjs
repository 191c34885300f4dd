// One report build at a time: two would share .evidence/template and spoil each other's site.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPORTS } from './paths.mjs';

const LOCK = path.join(REPORTS, '.evidence/lock');

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

function take() {
	try {
		fs.writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
		return true;
	} catch (error) {
		if (error.code !== 'EEXIST') throw error;
		return false;
	}
}

/** Runs `work` alone. The lock of a build that was killed is taken over. */
export async function alone(work) {
	fs.mkdirSync(path.dirname(LOCK), { recursive: true });
	for (let waited = 0; !take(); waited += 1) {
		const owner = Number(fs.readFileSync(LOCK, 'utf8')) || 0;
		if (!owner || !isAlive(owner)) fs.rmSync(LOCK, { force: true });
		else if (waited === 0) console.log(`Waiting for another report build (process ${owner}) …`);
		await sleep(500);
	}
	try {
		return await work();
	} finally {
		fs.rmSync(LOCK, { force: true });
	}
}
