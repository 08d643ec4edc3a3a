// `npm run soak`: clients that come and go, and what they leave in a gateway. Arguments: `npm run soak -- --help`.
import { findOnPath } from './lib/run.mjs';
import { runBench } from './lib/run-bench.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';
import { chosenParts, readTestParts } from './lib/test-parts.mjs';

await runMain(async () => {
  Object.assign(process.env, readTestParts(), chosenParts());
  if (!process.env['REDIS_SERVER_BIN'] && findOnPath('redis-server') === undefined) {
    throw new SetupError('The soak needs redis-server: install it, or set REDIS_SERVER_BIN to where it is.');
  }
  await runBench('soak/main.js');
});
