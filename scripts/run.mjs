// Starts an app from a fresh clone: installs and compiles if needed, then runs the app in this same process, so that
// signals, the terminal and the exit code are the app's own. `npm start` is `node scripts/run.mjs standalone`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, isUpToDate } from './lib/build.mjs';
import { dependenciesAreInstalled, ensureDependencies } from './lib/dependencies.mjs';
import { CannotLock, withSetupLock } from './lib/lock.mjs';
import { root } from './lib/paths.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';

/** A folder that another user has set up is used as it is. */
const setUp = async () => {
  try {
    await withSetupLock(async () => {
      await ensureDependencies();
      await ensureBuilt();
    });
  } catch (error) {
    if (!(error instanceof CannotLock && dependenciesAreInstalled() && isUpToDate())) throw error;
  }
};

const APPS = ['standalone', 'producer', 'gateway', 'backtest', 'record'];

await runMain(async () => {
  const [app = '', ...args] = process.argv.slice(2);
  if (!APPS.includes(app)) throw new SetupError(`usage: node scripts/run.mjs ${APPS.join('|')}`);
  await setUp();
  const main = join(root, 'apps', app, 'dist', 'main.js');
  if (!existsSync(main)) throw new SetupError(`apps/${app} has no src/main.ts, so there is nothing to start`);
  process.argv = [process.execPath, main, ...args];
  await import(pathToFileURL(main).href);
});
