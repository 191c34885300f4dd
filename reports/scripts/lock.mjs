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

function readHolders() {
	try {
		return fs.readFileSync(LOCK, 'utf8').split(' ').map(Number).filter(Boolean);
	} catch (error) {
		// Released between two looks.
		if (error.code === 'ENOENT') return [];
		throw error;
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

/** Adds a process to those that hold the lock: the bundler goes on for a while when its parent was killed. */
export function holdWith(pid) {
	if (fs.existsSync(LOCK)) fs.appendFileSync(LOCK, ` ${pid}`);
}

/** Runs `work` alone. The lock of a build that was killed is taken over once nothing of it runs any more. */
export async function alone(work) {
	fs.mkdirSync(path.dirname(LOCK), { recursive: true });
	for (let waited = 0; !take(); waited += 1) {
		const holders = readHolders().filter(isAlive);
		if (holders.length === 0) fs.rmSync(LOCK, { force: true });
		else if (waited === 0) console.log(`Waiting for another report build (process ${holders[0]}) …`);
		await sleep(500);
	}
	try {
		return await work();
	} finally {
		fs.rmSync(LOCK, { force: true });
	}
}
