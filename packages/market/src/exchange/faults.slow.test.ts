import { expect, test } from '@jest/globals';
import { isNightly, testSeed } from '../../../../tests/support/depth.js';
import { runFaults } from '../../../../tests/support/exchanges/index.js';
import { venueNames } from './venues.js';

const schedules = isNightly ? 1_000 : 25;

test.each(venueNames)('[M95] %s: under random schedules of faults nothing is lost without a word', async (venue) => {
  const failures: string[] = [];
  let connections = 0;
  for (let seed = testSeed; seed < testSeed + schedules && failures.length < 5; seed++) {
    const { wrong, plan, exchange } = await runFaults(venue, seed);
    connections += exchange.connectTimes.length;
    if (wrong.length > 0) failures.push(`${venue}, seed ${seed} [${plan}]: ${wrong.slice(0, 4).join('; ')}`);
  }
  expect(failures).toEqual([]);
  // The schedules must have broken connections.
  expect(connections).toBeGreaterThan(2 * schedules);
});

test('[M88] a stream that dies again after its connection was replaced is replaced again', async () => {
  const { wrong } = await runFaults('binance', 156_173_644);
  expect(wrong).toEqual([]);
});

test.each([824_994_741, 824_995_571])(
  '[M88] a stream that is dead before its first data is subscribed again (seed %d)',
  async (seed) => {
    const { wrong } = await runFaults('binance', seed);
    expect(wrong).toEqual([]);
  },
);
