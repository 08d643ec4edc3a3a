import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';
import { root } from './paths.mjs';
import { withRetries } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * @typedef {{ version?: string, resolved?: string, optional?: boolean, link?: boolean }} LockEntry
 * @typedef {Record<string, LockEntry>} LockEntries
 */

/**
 * @param {string} file
 * @returns {LockEntries}
 */
const entriesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Whether node_modules holds what package-lock.json names. npm writes node_modules/.package-lock.json at the end of
 * each install. So an install that was interrupted, or is older than the lockfile, is noticed here, and one made by
 * hand counts.
 */
export const dependenciesAreInstalled = () => {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = entriesOf(installedFile);
  return Object.entries(entriesOf(join(root, 'package-lock.json'))).every(([path, entry]) => {
    if (entry.optional || !path.includes('node_modules/')) return true;
    const found = installed[path];
    return found?.version === entry.version && found?.resolved === entry.resolved;
  });
};

/** Installs what package-lock.json names, unless it is installed. @throws {SetupError} if npm failed three times */
export const ensureDependencies = async () => {
  if (dependenciesAreInstalled()) return;
  console.error('Installing dependencies with npm ci (once; about half a minute) ...');
  // With NODE_ENV=production the compiler would be left out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { ok, output } = await withRetries(() => runNpm(args));
  if (!ok) throw new SetupError(`npm ci failed, so the dependencies are not installed:\n${output.trim()}`);
};
