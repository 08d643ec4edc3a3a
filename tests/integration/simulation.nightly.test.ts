import { expect, test } from '@jest/globals';
import { faultKinds, lossKinds } from '../simulation/faults.js';
import { runSchedule } from '../simulation/run-schedule.js';
import { testSeed } from '../support/depth.js';

test.each([
  [10_000, 'all faults', faultKinds],
  [3_000, 'lost and late data', lossKinds],
])(
  `[E130] [E131] [E132] [E133] [E134] %i more schedules of %s break no rule (seeds from ${testSeed})`,
  async (schedules, _name, allowed) => {
    const failures: string[] = [];
    for (let seed = testSeed; seed < testSeed + schedules; seed += 1) {
      const { violations, faults } = await runSchedule(seed, { faults: allowed });
      if (violations.length > 0)
        failures.push(`seed ${seed} (${faults.join(', ')}): ${violations.slice(0, 3).join('; ')}`);
    }
    expect(failures).toEqual([]);
  },
);
