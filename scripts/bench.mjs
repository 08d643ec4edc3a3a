// `npm run bench`: installs and compiles what is missing, then measures. Its arguments: `npm run bench -- --help`.
import { runBench } from './lib/run-bench.mjs';
import { runMain } from './lib/setup-error.mjs';

process.argv = [process.execPath, 'bench', ...process.argv.slice(2)];
await runMain(() => runBench('main.js'));
