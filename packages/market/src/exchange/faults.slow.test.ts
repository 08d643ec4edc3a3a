import { describe, expect, jest, test } from '@jest/globals';
import { runFaults } from '../../../../tests/support/exchanges/index.js';
import { venueNames } from './venues.js';

jest.setTimeout(600_000);

const schedules = Number(process.env['N'] ?? 1000);

describe('under faults', () => {
  test.each(venueNames)('[M95] %s: every schedule ends whole or with every hole told', async (venue) => {
    const failures: string[] = [];
    for (let seed = 1; seed <= schedules; seed++) {
      const { wrong, plan } = await runFaults(venue, seed);
      if (wrong.length > 0) failures.push(`${venue} seed ${seed} [${plan}]: ${wrong.slice(0, 4).join('; ')}`);
    }
    expect(failures.slice(0, 12)).toEqual([]);
  });
});
