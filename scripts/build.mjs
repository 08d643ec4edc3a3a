// `npm run build`: compiles the packages and apps, and bundles what runs in a browser. Before a package is packed, a
// build of the same sources is left as it is: npm asks once a package, and tests may run what was built.
import { buildAll, ensureBuilt } from './lib/build.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { runMain } from './lib/setup-error.mjs';

const isPacking = process.env['npm_lifecycle_event'] === 'prepack';
await runMain(() => withSetupLock(isPacking ? ensureBuilt : buildAll));
