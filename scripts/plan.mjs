// `npm run plan`: what a number of clients needs, computed from measured figures. Arguments: `npm run plan -- --help`.
import { runBench } from './lib/run-bench.mjs';
import { runMain } from './lib/setup-error.mjs';

await runMain(() => runBench('plan/main.js'));
