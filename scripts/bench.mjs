// `npm run bench`: installs and compiles what is missing, then measures. Its arguments: `npm run bench -- --help`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildBench } from './lib/build-bench.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { runMain } from './lib/setup-error.mjs';

await runMain(async () => {
  requireNodeVersion();
  await buildBench();
  process.argv = [process.execPath, 'bench', ...process.argv.slice(2)];
  await import(pathToFileURL(join(root, 'bench', 'dist', 'main.js')).href);
});
