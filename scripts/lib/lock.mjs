import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

/** A lock without the number of its process is left by one that ended, or found a full disk, while it wrote. */
const WRITTEN_WITHIN_MS = 2_000;

/** This folder cannot be set up by this process; it may be set up already. */
export class CannotLock extends SetupError {
  name = 'CannotLock';
}

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
};

/**
 * @param {string} dir
 * @param {unknown} error
 */
const cannotLock = (dir, error) => {
  const { code = String(error) } = /** @type {NodeJS.ErrnoException} */ (error);
  return new CannotLock(
    `${dir} cannot be written (${code}), and this folder has yet to be set up: make room or run "npm run build" as a user who may write there`,
  );
};

/**
 * @param {string} dir
 * @param {string} file
 */
const tryLock = (dir, file) => {
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw cannotLock(dir, error);
  }
};

/**
 * @param {string} dir
 * @param {string} file
 */
const breakLock = (dir, file) => {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw cannotLock(dir, error);
  }
};

/** @param {string} file */
const readPid = (file) => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

/**
 * @param {string} file
 * @param {number} pid
 */
const isLeftBehind = (file, pid) => {
  if (pid > 0) return !isAlive(pid);
  const { mtimeMs = Number.POSITIVE_INFINITY } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return Date.now() - mtimeMs > WRITTEN_WITHIN_MS;
};

/**
 * Runs `task` while no other process of this work tree does: producer and gateway started together in a fresh clone
 * would otherwise install into one node_modules at the same time.
 * @template T
 * @param {() => Promise<T>} task
 * @param {string} [dir] where the lock is
 * @returns {Promise<T>}
 * @throws {CannotLock} in one line if the folder cannot be written
 */
export const withSetupLock = async (task, dir = cacheDir) => {
  const file = join(dir, 'setup.lock');
  let isAnnounced = false;
  while (!tryLock(dir, file)) {
    const pid = readPid(file);
    if (isLeftBehind(file, pid)) {
      breakLock(dir, file);
      continue;
    }
    if (!isAnnounced && pid > 0) {
      console.error(`Waiting for process ${pid}, which is setting up this folder (if it is not, delete ${file}) ...`);
      isAnnounced = true;
    }
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
