import { runBacktest } from './backtest.js';

process.exitCode = await runBacktest(process.argv.slice(2), { out: process.stdout, err: process.stderr });
