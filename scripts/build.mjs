// `npm run build`: compiles the packages and apps, and bundles what runs in a browser.
import { buildAll } from './lib/build.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { runMain } from './lib/setup-error.mjs';

await runMain(() => withSetupLock(buildAll));
