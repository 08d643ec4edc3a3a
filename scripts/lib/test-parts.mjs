import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.mjs';

/** Variables with the place of a program, for the tests. One that is set by hand is not checked. */
const NAMES = [
  'REDIS_SERVER_BIN',
  'CHROMIUM_BIN',
  'HAPROXY_BIN',
  'PROMETHEUS_BIN',
  'PROMTOOL_BIN',
  'FIREFOX_BIN',
  'WEBKIT_DRIVER_BIN',
  'PEER_PYTHON',
];
const file = join(cacheDir, 'test-parts.json');

/**
 * What the last set-up found, for a Jest run without set-up.
 * @returns {Record<string, string>}
 */
export const readTestParts = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

/** @param {Record<string, string>} parts */
export const writeTestParts = (parts) => {
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(file, `${JSON.stringify(parts, null, 2)}\n`);
};

/** @returns {Record<string, string>} the variables set by hand */
export const chosenParts = () =>
  Object.fromEntries(NAMES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
