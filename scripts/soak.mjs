// `npm run soak`: clients that come and go, and what they leave in a gateway. Arguments: `npm run soak -- --help`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildBench } from './lib/build-bench.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { findOnPath } from './lib/run.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';
import { chosenParts, readTestParts } from './lib/test-parts.mjs';

await runMain(async () => {
  requireNodeVersion();
  await buildBench();
  Object.assign(process.env, readTestParts(), chosenParts());
  if (!process.env['REDIS_SERVER_BIN'] && findOnPath('redis-server') === undefined) {
    throw new SetupError('The soak needs redis-server: install it, or set REDIS_SERVER_BIN to where it is.');
  }
  await import(pathToFileURL(join(root, 'bench', 'dist', 'soak', 'main.js')).href);
});
