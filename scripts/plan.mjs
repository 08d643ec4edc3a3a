// `npm run plan`: what a number of clients needs, computed from measured figures. Arguments: `npm run plan -- --help`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildBench } from './lib/build-bench.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { runMain } from './lib/setup-error.mjs';

await runMain(async () => {
  requireNodeVersion();
  await buildBench();
  await import(pathToFileURL(join(root, 'bench', 'dist', 'plan', 'main.js')).href);
});
