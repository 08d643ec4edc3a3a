// `npm run simulate`: a cluster in virtual time under faults drawn from a seed, in one process. See tests/simulation.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './lib/dependencies.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { cacheDir, root } from './lib/paths.mjs';
import { runMain } from './lib/setup-error.mjs';

/** As far below the root as sources are below their package: those ask for `../package.json`. */
const outfile = join(cacheDir, 'simulation.mjs');

/** Bundles from the sources, so that nothing has to be built; other packages stay where they are. */
const bundle = async () => {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: ['tests/simulation/main.ts'],
    outfile,
    bundle: true,
    conditions: ['source'],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [
      {
        name: 'other packages',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@tickwire/') ? undefined : { path, external: true },
          );
        },
      },
    ],
  });
};

await runMain(async () => {
  await withSetupLock(async () => {
    await ensureDependencies();
    await bundle();
  });
  await import(pathToFileURL(outfile).href);
});
