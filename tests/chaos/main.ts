// `npm run chaos`: bundled and started by scripts/chaos.mjs, which knows where the program of the clients is.
import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BadArguments, parseOptions, usage } from './options.js';
import { printReport } from './print-report.js';
import { runChaos } from './run-chaos.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** A run of minutes must not end without its report. @throws BadArguments */
const requireWritable = (file: string): void => {
  try {
    appendFileSync(file, '');
  } catch (error) {
    throw new BadArguments(`--json is ${file}, but cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
};

/** @throws BadArguments */
const main = async (args: readonly string[]): Promise<void> => {
  if (args.includes('--help')) return say(usage);
  const options = parseOptions(args, () => randomBytes(4).toString('hex'));
  if (options.json !== undefined) requireWritable(options.json);
  say(`seed ${options.seed}`);
  const workerProgram = fileURLToPath(new URL('client-worker.js', import.meta.url));
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      ending.abort(new Error(`ended by ${name}`));
      process.exitCode = 1;
    });
  }
  const report = await runChaos({ ...options, workerProgram, log: say, signal: ending.signal });
  // First what a disk that is full by now would keep from being seen.
  say(printReport(report));
  process.exitCode = report.failures.length === 0 ? 0 : 1;
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(report, null, 2));
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
