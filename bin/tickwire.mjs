#!/usr/bin/env node
// `npx tickwire` in a clone: what `npm start` runs, with commands (`npx tickwire --help`).
process.argv.splice(2, 0, 'standalone');
await import('../scripts/run.mjs');
