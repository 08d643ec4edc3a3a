import { runBacktest } from './backtest.js';

let exitCode: 0 | 1 | 2 = 0;
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // A reader such as `head` ends when it has enough.
  if (code === 'EPIPE' || exitCode !== 0) return;
  process.stderr.write(`standard output cannot be written: ${code}\n`);
  exitCode = 1;
});
process.stderr.on('error', () => {});
const ended = await runBacktest(process.argv.slice(2), { out: process.stdout, err: process.stderr });
exitCode ||= ended;
process.on('exit', () => {
  process.exitCode = exitCode;
});
