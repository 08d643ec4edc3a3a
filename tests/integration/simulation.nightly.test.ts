import { expect, test } from '@jest/globals';
import { runSchedule } from '../simulation/run-schedule.js';
import { testSeed } from '../support/depth.js';

const schedules = 10_000;

test(`[E130] [E131] [E132] [E133] [E134] ten thousand more schedules break no rule (seeds from ${testSeed})`, async () => {
  const failures: string[] = [];
  for (let seed = testSeed; seed < testSeed + schedules; seed += 1) {
    const { violations, faults } = await runSchedule(seed);
    if (violations.length > 0)
      failures.push(`seed ${seed} (${faults.join(', ')}): ${violations.slice(0, 3).join('; ')}`);
  }
  expect(failures).toEqual([]);
});
