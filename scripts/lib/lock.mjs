import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.mjs';

const file = join(cacheDir, 'setup.lock');

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
};

const tryLock = () => {
  mkdirSync(cacheDir, { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
};

const holder = () => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

/**
 * Runs `task` while no other process of this work tree does: producer and gateway started together in a fresh clone
 * would otherwise install into one node_modules at the same time.
 * @template T
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export const withSetupLock = async (task) => {
  let isAnnounced = false;
  while (!tryLock()) {
    const pid = holder();
    if (!isAlive(pid)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!isAnnounced) console.error(`Waiting for process ${pid}, which is setting up this folder ...`);
    isAnnounced = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const unlock = () => rmSync(file, { force: true });
  process.on('exit', unlock);
  try {
    return await task();
  } finally {
    process.off('exit', unlock);
    unlock();
  }
};
