import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall } from './apt.mjs';
import { cacheDir } from './paths.mjs';
import { findOnPath, run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * A program that the tests run and npm does not install.
 * @typedef {object} SystemPart
 * @property {string} env the variable with its place, for the tests; set it to choose another one
 * @property {readonly string[]} aptPackages
 * @property {string} missing the line printed if it cannot be found or installed
 * @property {() => Promise<string | undefined>} find
 * @property {boolean} [isNightly] only tests of the nightly run need it
 * @property {() => Promise<string | undefined>} [fetch] a way to get it without apt-get
 */

/** Redis 7 has the sharded pub/sub that the cluster tests use. */
const isRedis7 = async (/** @type {string} */ file) => {
  const { output } = await run(file, ['--version'], { timeoutMs: 20_000 });
  return Number(/v=(\d+)/.exec(output)?.[1] ?? 0) >= 7;
};

/** Takes the program out of the official image: inside a container the tests could not pause and kill it. */
const redisFromDocker = async () => {
  const docker = findOnPath('docker');
  if (process.platform !== 'linux' || docker === undefined || !(await run(docker, ['info'])).ok) return undefined;
  console.log('set-up: taking redis-server out of the Docker image redis:8 ...');
  mkdirSync(cacheDir, { recursive: true });
  const file = join(cacheDir, 'redis-server');
  const name = `tickwire-setup-${process.pid}`;
  const created = await run(docker, ['create', '--name', name, 'redis:8']);
  if (!created.ok) return undefined;
  await run(docker, ['cp', '--follow-link', `${name}:/usr/local/bin/redis-server`, file]);
  await run(docker, ['rm', name]);
  return (await isRedis7(file)) ? file : undefined;
};

const CHROMIUM_FOR_MAC = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** @type {readonly SystemPart[]} */
const PARTS = [
  {
    env: 'REDIS_SERVER_BIN',
    aptPackages: ['redis-server'],
    missing: 'The tests need redis-server 7 or newer: install it, or set REDIS_SERVER_BIN to where it is.',
    find: async () => {
      const file = findOnPath('redis-server');
      return file !== undefined && (await isRedis7(file)) ? file : undefined;
    },
    fetch: redisFromDocker,
  },
  {
    env: 'CHROMIUM_BIN',
    aptPackages: ['chromium'],
    missing: 'The tests need Chromium or Chrome: install one, or set CHROMIUM_BIN to where it is.',
    find: async () => {
      const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
      const files = [...names.map((name) => findOnPath(name)), ...CHROMIUM_FOR_MAC.filter((file) => existsSync(file))];
      for (const file of files) {
        // Ubuntu's chromium-browser can be a text that refers to a snap.
        if (file !== undefined && (await run(file, ['--version'], { timeoutMs: 60_000 })).ok) return file;
      }
      return undefined;
    },
  },
  {
    env: 'HAPROXY_BIN',
    aptPackages: ['haproxy'],
    missing: 'The tests need HAProxy: install it, or set HAPROXY_BIN to where it is.',
    // Debian installs it where only root searches.
    find: async () => findOnPath('haproxy') ?? ['/usr/sbin/haproxy'].find((file) => existsSync(file)),
  },
  {
    env: 'PROMETHEUS_BIN',
    aptPackages: ['prometheus'],
    missing: 'The tests need Prometheus: install it, or set PROMETHEUS_BIN and PROMTOOL_BIN to where its programs are.',
    find: async () => findOnPath('prometheus'),
  },
  {
    env: 'PROMTOOL_BIN',
    aptPackages: ['prometheus'],
    missing: 'The tests need promtool, which comes with Prometheus.',
    find: async () => findOnPath('promtool'),
  },
  {
    env: 'FIREFOX_BIN',
    aptPackages: ['firefox-esr'],
    missing: 'The nightly tests need Firefox: install it, or set FIREFOX_BIN to where it is.',
    find: async () => findOnPath('firefox-esr') ?? findOnPath('firefox'),
    isNightly: true,
  },
  {
    env: 'WEBKIT_DRIVER_BIN',
    aptPackages: ['webkit2gtk-driver', 'xvfb'],
    missing: 'The nightly tests need WebKitWebDriver and Xvfb: install them, or set WEBKIT_DRIVER_BIN to where it is.',
    find: async () => (findOnPath('Xvfb') === undefined ? undefined : findOnPath('WebKitWebDriver')),
    isNightly: true,
  },
];

/**
 * Finds or installs every part that this run needs.
 * @param {NodeJS.ProcessEnv} known parts chosen by hand or found before, used as long as their files exist
 * @param {{ readonly isNightly?: boolean }} [run]
 * @returns {Promise<Record<string, string>>} where each part is, by the name of its variable
 * @throws {SetupError} what is missing, and what to do
 */
export const ensureSystemParts = async (known, { isNightly = false } = {}) => {
  const parts = PARTS.filter((part) => isNightly || part.isNightly !== true);
  /** @type {Record<string, string>} */
  const found = {};
  const look = async () => {
    for (const { env, find } of parts) {
      const before = known[env];
      const file = found[env] ?? (before && existsSync(before) ? before : await find());
      if (file !== undefined) found[env] = file;
    }
    return parts.filter(({ env }) => found[env] === undefined);
  };
  let missing = await look();
  if (missing.length > 0 && (await aptInstall(missing.flatMap((part) => part.aptPackages)))) missing = await look();
  for (const { env, fetch } of missing) {
    const file = await fetch?.();
    if (file !== undefined) found[env] = file;
  }
  missing = missing.filter(({ env }) => found[env] === undefined);
  if (missing.length > 0) throw new SetupError(missing.map((part) => part.missing).join(' '));
  return found;
};
