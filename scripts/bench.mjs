// `npm run bench`: installs and compiles what is missing, then measures. Its arguments: `npm run bench -- --help`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';

await runMain(async () => {
  requireNodeVersion();
  await withSetupLock(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-b', 'bench'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new SetupError('the benchmark does not compile');
  process.argv = [process.execPath, 'bench', ...process.argv.slice(2)];
  await import(pathToFileURL(join(root, 'bench', 'dist', 'main.js')).href);
});
