import { runRecord } from './record.js';

const stop = new AbortController();
// A closed terminal, or a reader that ends, must not take the recording with it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// Once: a second signal ends at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
process.exitCode = await runRecord(process.argv.slice(2), { out: process.stdout, err: process.stderr }, stop.signal);
