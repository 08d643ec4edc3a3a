import { runRecord } from './record.js';

const stop = new AbortController();
// Once: a second signal ends at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
process.exitCode = await runRecord(process.argv.slice(2), { out: process.stdout, err: process.stderr }, stop.signal);
