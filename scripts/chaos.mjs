// `npm run chaos`: Redis, producers, gateways and clients as processes, and faults drawn from a seed. See tests/chaos.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { cacheDir, root } from './lib/paths.mjs';
import { findOnPath } from './lib/run.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';
import { chosenParts, readTestParts } from './lib/test-parts.mjs';

const outdir = join(cacheDir, 'chaos');

/** Bundles each program into one file: what runs for minutes must not change while somebody edits a source. */
const bundle = async () => {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: ['tests/chaos/main.ts', 'tests/chaos/client-worker.ts'],
    outdir,
    bundle: true,
    // This part of the package is not built, because only tests use it.
    alias: { '@tickwire/protocol/testing': join(root, 'packages/protocol/src/testing/index.ts') },
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
};

await runMain(async () => {
  await withSetupLock(async () => {
    await ensureDependencies();
    await ensureBuilt();
    await bundle();
  });
  Object.assign(process.env, readTestParts(), chosenParts());
  if (!process.env['REDIS_SERVER_BIN'] && findOnPath('redis-server') === undefined) {
    throw new SetupError('Chaos needs redis-server: install it, or set REDIS_SERVER_BIN to where it is.');
  }
  await import(pathToFileURL(join(outdir, 'main.js')).href);
});
