import { expect, test } from '@jest/globals';
import { createLogger } from '@tickwire/runtime';
import { createHistoryPlan } from '../../apps/producer/src/publish/history-plan.js';
import { openRedisHistory } from '../support/redis-history.js';
import { startRedisServer } from '../support/redis-server.js';
import { createVenueCodec, createVenueSymbol } from '../support/venue-hour.js';

const mib = 2 ** 20;
const symbolCount = 500;
const minutes = 60;
/** Appends under way at once. */
const atOnce = 4;

test('[P120] an hour of 500 busy symbols, with all the bars of a start, fits into a Redis of 512 MB', async () => {
  await using server = await startRedisServer({ args: ['--maxmemory', '512mb', '--maxmemory-policy', 'noeviction'] });
  const plan = createHistoryPlan({ memoryMb: 384, logger: createLogger('test', 'silent') });
  plan.divide(symbolCount);
  await using harness = await openRedisHistory(server.port, {
    retention: plan.retention,
    codec: createVenueCodec(),
  });
  const { history, redis } = harness;
  const symbols = Array.from({ length: symbolCount }, (_, index) => createVenueSymbol(`COIN${index}-USDT`));
  const memory = async (name: string): Promise<number> =>
    Number(new RegExp(`${name}:(\\d+)`).exec(await redis.info('memory'))?.[1]) / mib;

  for (let minute = 0; minute < minutes; minute += 1) {
    const waiting = symbols.values();
    const appendNext = async (): Promise<void> => {
      for (const batchesOf of waiting) {
        const results = await history.append(batchesOf(minute), 1);
        expect(results.filter(({ outcome }) => outcome !== 'appended')).toEqual([]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, appendNext));
    expect([minute, plan.retention.reductions]).toEqual([minute, 0]);
  }
  // The peak has what commands took while they ran.
  expect(await memory('used_memory_peak')).toBeLessThan(512);
  expect(await memory('used_memory')).toBeLessThan(384);
  for (const kind of ['trade', 'ticker', 'bar-1m']) {
    const [range] = await history.newest([`${kind}.binance.COIN0-USDT`], 10_000);
    expect([kind, (range?.messages.length ?? 0) > 100]).toEqual([kind, true]);
  }
});
