// `npm run simulate`: bundled and started by scripts/simulate.mjs.
import { freshSeed } from '@tickwire/protocol/testing';
import { BadArguments, parseOptions, usage } from './options.js';
import { runSchedule } from './run-schedule.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** The most failed schedules that are shown. */
const maxShown = 10;

/** @throws BadArguments */
const main = async (args: readonly string[]): Promise<void> => {
  if (args.includes('--help')) return say(usage);
  const { schedules, firstSeed, faults, isTraced } = parseOptions(args, freshSeed);
  say(`seeds ${firstSeed} to ${firstSeed + schedules - 1}`);
  const startedAt = process.cpuUsage();
  const totals = { failed: 0, published: 0, read: 0, losses: 0 };
  for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
    const report = await runSchedule(seed, { faults, ...(isTraced && { trace: say }) });
    totals.published += report.published;
    totals.read += report.read;
    totals.losses += report.losses;
    if (report.violations.length === 0) continue;
    totals.failed += 1;
    if (totals.failed > maxShown) continue;
    say(`seed ${seed} (${report.faults.join(', ')})\n  ${report.violations.slice(0, 5).join('\n  ')}`);
  }
  const { user, system } = process.cpuUsage(startedAt);
  const perSecond = Math.round((schedules * 1e6) / (user + system));
  say(`${schedules} schedules, ${totals.failed} failed; ${perSecond} a second of processor time`);
  say(`${totals.published} publications, read ${totals.read} times; ${totals.losses} losses reported`);
  process.exitCode = totals.failed === 0 ? 0 : 1;
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
