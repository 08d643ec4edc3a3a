// Starts an app from a fresh clone: installs and compiles when that is needed, then runs it in this same process, so that
// signals, the terminal and the exit code are the app's own. `npm start` is `node scripts/run.mjs standalone`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';

/**
 * npm passes SIGTERM to the shell between it and us, and that shell dies of it without telling us: whoever ends
 * `npm start` would leave the app running. Being handed to another parent is the sign. An app that was told already, by
 * Ctrl-C for one, is not told twice: the second signal ends it without its goodbyes.
 */
const endWithParent = () => {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 200);
  timer.unref();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(timer);
      // Before the app listens for signals, a signal ends it as if we did not listen either.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
};

const APPS = ['standalone', 'producer', 'gateway', 'backtest', 'record'];

await runMain(async () => {
  requireNodeVersion();
  const [app = '', ...args] = process.argv.slice(2);
  if (!APPS.includes(app)) throw new SetupError(`usage: node scripts/run.mjs ${APPS.join('|')}`);
  await withSetupLock(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
  const main = join(root, 'apps', app, 'dist', 'main.js');
  if (!existsSync(main)) throw new SetupError(`apps/${app} has no src/main.ts, so there is nothing to start`);
  process.argv = [process.execPath, main, ...args];
  if (process.env['npm_lifecycle_event'] !== undefined) endWithParent();
  await import(pathToFileURL(main).href);
});
