import { describe, expect, test } from '@jest/globals';
import { runFaults } from '../../../../tests/support/exchanges/index.js';
import { venueNames } from './venues.js';

describe('under faults', () => {
  test.each(venueNames)(
    '[M95] %s: a few schedules chosen by chance end whole or with every hole told',
    async (venue) => {
      const first = Math.floor(Math.random() * 1e9);
      for (let seed = first; seed < first + 4; seed++) {
        const { wrong, plan } = await runFaults(venue, seed);
        expect([venue, seed, plan, wrong]).toEqual([venue, seed, plan, []]);
      }
    },
  );
});
