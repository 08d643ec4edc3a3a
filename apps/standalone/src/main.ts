import { runMain } from '@tickwire/runtime';
import { startStandalone } from './standalone.js';

await runMain(async (environment, scope) => {
  const { port } = await startStandalone(environment, scope);
  process.stdout.write(`\n  Tickwire is at http://localhost:${port}/\n\n`);
});
