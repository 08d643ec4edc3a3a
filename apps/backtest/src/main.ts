import { runBacktest } from './backtest.js';

// A reader such as `head` ends when it has enough.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.exitCode = await runBacktest(process.argv.slice(2), { out: process.stdout, err: process.stderr });
