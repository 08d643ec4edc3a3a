import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { withSetupLock } from './lock.mjs';
import { root } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Runs a program of the benchmark, with the arguments of this process.
 * @param {string} program a file of `bench/dist`
 */
export const runBench = async (program) => {
  await buildBench();
  await import(pathToFileURL(join(root, 'bench', 'dist', program)).href);
};

/** Installs and compiles what the benchmark needs and does not have. @throws {SetupError} if it does not compile */
const buildBench = async () => {
  await withSetupLock(async () => {
    await ensureDependencies();
    await ensureBuilt();
    const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
    const { status } = spawnSync(process.execPath, [tsc, '-b', 'bench'], { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new SetupError('the benchmark does not compile');
  });
};
