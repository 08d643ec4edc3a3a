import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { faultKinds } from '../simulation/faults.js';
import { type MutationName, mutations } from '../simulation/mutations.js';
import { regressions } from '../simulation/regressions.js';
import { runSchedule, type ScheduleReport } from '../simulation/run-schedule.js';

const failureOf = ({ seed, faults, violations }: ScheduleReport): string =>
  `seed ${seed} (${faults.join(', ')}): ${violations.slice(0, 3).join('; ')}`;

/** The first of a thousand seeds that finds each. Where it finds it no more, all are tried. */
const foundBy: Readonly<Record<MutationName, number>> = {
  repairWithoutReading: 1,
  fenceNotChecked: 172,
  duplicateNotDropped: 13,
};

describe('a cluster in virtual time', () => {
  test('[E130] [E131] [E132] [E133] [E134] a hundred schedules of faults break no rule', async () => {
    const failures: string[] = [];
    const totals = { published: 0, read: 0, losses: 0 };
    for (let seed = 1; seed <= 100; seed += 1) {
      const report = await runSchedule(seed);
      if (report.violations.length > 0) failures.push(failureOf(report));
      totals.published += report.published;
      totals.read += report.read;
      totals.losses += report.losses;
    }
    expect(failures).toEqual([]);
    // Else it has not tried what it is for.
    expect(totals.published).toBeGreaterThan(4_000);
    expect(totals.read).toBeGreaterThan(100_000);
    expect(totals.losses).toBeGreaterThan(50);
  });

  test('[E135] one seed is one schedule', async () => {
    const story = async (): Promise<string[]> => {
      const lines: string[] = [];
      await runSchedule(11, { trace: (line) => lines.push(line) });
      return lines;
    };
    const first = await story();
    expect(first.length).toBeGreaterThan(3);
    expect(await story()).toEqual(first);
  });

  test('[E135] npm run simulate runs the schedules of the seeds it is given', async () => {
    const script = fileURLToPath(new URL('../../scripts/simulate.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--schedules', '2', '--seed', '11']);
    expect(stdout).toMatch(/^seeds 11 to 12\n2 schedules, 0 failed; /);
  });

  test.each(Object.keys(mutations) as MutationName[])(
    '[E136] a bug put in on purpose is found within a thousand schedules: %s',
    async (name) => {
      const seeds = [foundBy[name], ...Array.from({ length: 1_000 }, (_, at) => at + 1)];
      let found = 0;
      for (let at = 0; at < seeds.length && found === 0; at += 1) {
        const seed = seeds[at] as number;
        const report = await runSchedule(seed, { mutation: mutations[name] });
        if (report.violations.length > 0) found = seed;
      }
      expect(found).toBeGreaterThan(0);
    },
  );

  test.each(regressions)(
    '[E137] what failed once does not fail again: $name',
    async ({ seed, faults = faultKinds }) => {
      expect((await runSchedule(seed, { faults })).violations).toEqual([]);
    },
  );
});
