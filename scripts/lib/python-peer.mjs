import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall } from './apt.mjs';
import { cacheDir, root } from './paths.mjs';
import { findOnPath, run, withRetries } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const requirements = join(root, 'scripts', 'python-peer.txt');
const venv = join(cacheDir, 'python-peer');
const venvPython = process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
const stampFile = join(venv, 'requirements.sha256');

const stamp = () => createHash('sha256').update(readFileSync(requirements)).digest('hex');

const isReady = async () =>
  existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp() && (await run(venvPython, ['-c', ''])).ok;

/** The websockets package in the requirements needs 3.11. Debian packages ensurepip, a part of venv, separately. */
const CAN_MAKE_VENV = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';

const findPython = async () => {
  for (const name of ['python3', 'python', 'python3.13', 'python3.12', 'python3.11']) {
    const file = findOnPath(name);
    if (file !== undefined && (await run(file, ['-c', CAN_MAKE_VENV])).ok) return file;
  }
  return undefined;
};

/** @param {string} python */
const makeVenv = async (python) => {
  console.log('set-up: making the Python peer in .cache/python-peer with pip ...');
  rmSync(venv, { recursive: true, force: true });
  const made = await run(python, ['-m', 'venv', venv]);
  const installed = made.ok
    ? await withRetries(() =>
        run(venvPython, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements], {
          timeoutMs: 300_000,
        }),
      )
    : made;
  if (installed.ok) writeFileSync(stampFile, stamp());
  else console.error(installed.output.trim());
  return installed.ok;
};

/** Debian's packages of the same. Its Channels is older and sends the same bytes. */
const DEBIAN_PEER = ['channels-redis', 'msgpack', 'cryptography', 'uvicorn', 'websockets'].map((n) => `python3-${n}`);
const IMPORTS =
  'import channels, channels_redis.core, channels_redis.pubsub, msgpack, cryptography, uvicorn, websockets';

const debianPeer = async () => {
  const python = '/usr/bin/python3';
  const isThere = async () => existsSync(python) && (await run(python, ['-c', IMPORTS])).ok;
  return (await isThere()) || ((await aptInstall(DEBIAN_PEER)) && (await isThere())) ? python : undefined;
};

/**
 * Makes a Python with channels_redis, unless there is one.
 * @param {NodeJS.ProcessEnv} known has PEER_PYTHON if it was chosen by hand
 * @returns {Promise<string>} its interpreter
 * @throws {SetupError} in one line, if it cannot be made
 */
export const ensurePythonPeer = async (known) => {
  const chosen = known['PEER_PYTHON'];
  if (chosen) return chosen;
  if (await isReady()) return venvPython;
  let python = await findPython();
  if (python === undefined && (await aptInstall(['python3', 'python3-venv']))) python = await findPython();
  if (python !== undefined && (await makeVenv(python))) return venvPython;
  const fallback = await debianPeer();
  if (fallback !== undefined) return fallback;
  throw new SetupError(
    'The tests need Python 3.11 or newer with venv and a package index in reach, or PEER_PYTHON set to a Python that has channels_redis, uvicorn and websockets.',
  );
};
