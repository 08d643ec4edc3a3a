import { expect, jest, test } from '@jest/globals';
import { runFaults } from '../../../../tests/support/exchanges/index.js';
import { venueNames } from './venues.js';

// A schedule is three minutes of virtual time and some hundredths of a second of real time.
jest.setTimeout(900_000);

/** A tenth of the thousand that `FAULT_SCHEDULES=1000` runs: enough to notice, quick enough for every run. */
const schedules = Number(process.env['FAULT_SCHEDULES'] ?? 100);

test.each(venueNames)('[M95] %s: under random schedules of faults nothing is lost without a word', async (venue) => {
  const failures: string[] = [];
  let connections = 0;
  for (let seed = 1; seed <= schedules && failures.length < 5; seed++) {
    const { wrong, plan, exchange } = await runFaults(venue, seed);
    connections += exchange.connectTimes.length;
    if (wrong.length > 0) failures.push(`${venue}, seed ${seed} [${plan}]: ${wrong.slice(0, 4).join('; ')}`);
  }
  expect(failures).toEqual([]);
  // The schedules did break connections.
  expect(connections).toBeGreaterThan(2 * schedules);
});

test('[M88] a stream that dies again after its connection was replaced is replaced again', async () => {
  const { wrong } = await runFaults('binance', 156_173_644);
  expect(wrong).toEqual([]);
});
