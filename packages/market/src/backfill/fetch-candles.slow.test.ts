import { describe, expect, test } from '@jest/globals';
import { type Bar, channelMessageSchemas } from '@tickwire/protocol';
import { fakeCandles, isQuiet } from '../../../../tests/support/exchanges/fake-candles.js';
import { fakeSymbols } from '../../../../tests/support/exchanges/fake-venues.js';
import { startVirtualFeed, type VirtualFeed } from '../../../../tests/support/exchanges/index.js';
import type { VenueName } from '../exchange/venues.js';

const venues: readonly VenueName[] = ['binance', 'coinbase', 'kraken'];
const minute = 60_000;

/** Requests the candles of a feed, and moves its time until they arrive. */
const past = async (virtual: VirtualFeed, minutes: number, interval: '1m' | '1h' = '1m'): Promise<readonly Bar[]> => {
  const lengthMs = interval === '1m' ? minute : 60 * minute;
  const untilMs = Math.floor(virtual.clock.wall() / lengthMs) * lengthMs;
  const query = { interval, fromMs: untilMs - minutes * lengthMs, untilMs };
  const [instrument] = virtual.feed.instruments;
  if (instrument === undefined || virtual.feed.past === undefined) throw new Error('a feed with a past');
  let result: readonly Bar[] | Error | undefined;
  virtual.feed.past(instrument, query).then(
    (bars) => {
      result = bars;
    },
    (error: Error) => {
      result = error;
    },
  );
  for (let second = 0; second < 120 && result === undefined; second += 1) await virtual.run(1_000);
  if (result instanceof Error) throw result;
  return result ?? [];
};

const started = async (venue: VenueName): Promise<VirtualFeed> => {
  const virtual = await startVirtualFeed(venue);
  virtual.exchange.faults.hasCandles = true;
  await virtual.run(5_000);
  return virtual;
};

describe.each(venues)('the past of %s', (venue) => {
  test('[M180] is what the venue has, page by page, oldest first; without trades the price is carried', async () => {
    const virtual = await started(venue);
    const untilMs = Math.floor(virtual.clock.wall() / minute) * minute;
    const bars = await past(virtual, 700);
    const [info] = fakeSymbols[venue];
    if (info === undefined) throw new Error('a symbol');
    const truth = fakeCandles(info, minute, untilMs - 700 * minute, untilMs);
    const offset = ((truth[0]?.start ?? 0) - (untilMs - 700 * minute)) / minute;
    expect(bars.map(({ start }) => start)).toEqual(
      Array.from({ length: 700 - offset }, (_, at) => untilMs - (700 - offset - at) * minute).filter(
        (start) => start <= (truth.at(-1)?.start ?? 0),
      ),
    );
    for (const bar of bars) {
      expect(channelMessageSchemas.Bar.parse(bar)).toEqual(bar);
      const { start, close, trades, volume, source, closed, incomplete } = bar;
      const candle = truth.find((each) => each.start === start);
      expect([source, closed, incomplete]).toEqual(['venue', true, undefined]);
      if (isQuiet(start, minute)) expect([trades, volume]).toEqual([0, '0']);
      else expect([Number(close), Number(volume)]).toEqual([Number(candle?.close), Number(candle?.volume)]);
    }
    expect(virtual.exchange.violations).toEqual([]);
    await virtual.feed.close();
  });

  test.each([30_000, 10_800_000, -10_800_000])(
    '[M293] ends with the newest closed bar of the venue, though our clock is %i ms ahead',
    async (aheadMs) => {
      const virtual = await startVirtualFeed(venue);
      virtual.exchange.faults.hasCandles = true;
      virtual.clock.stepWall(aheadMs);
      // Half a minute before the next one closes.
      await virtual.run(6 * minute - 30_000);
      for (const [interval, lengthMs] of [
        ['1m', minute],
        ['1h', 60 * minute],
      ] as const) {
        const bars = await past(virtual, 300, interval);
        const open = bars.filter(({ start }) => start + lengthMs > virtual.clock.now());
        expect([bars.length > 100, open]).toEqual([true, []]);
      }
      await virtual.feed.close();
    },
  );

  test('[M181] an odd row is left out, and carried bars beside it are incomplete', async () => {
    const virtual = await started(venue);
    virtual.exchange.faults.oddCandles = 3;
    const bars = await past(virtual, 720);
    expect(bars.length).toBeGreaterThan(90);
    expect(bars.filter(({ trades }) => trades === 0).every(({ incomplete }) => incomplete === true)).toBe(true);
    expect(bars.filter(({ trades }) => trades > 0).some(({ incomplete }) => incomplete)).toBe(false);
    expect(virtual.notices.filter(({ kind }) => kind === 'bad-entry')).toHaveLength(3);
    await virtual.feed.close();
  });

  test('[M182] an unreachable or blocked venue makes only this request fail', async () => {
    const virtual = await started(venue);
    for (const fault of ['down', 'broken', 'limited'] as const) {
      virtual.exchange.faults.rest = fault;
      await expect(past(virtual, 10)).rejects.toMatchObject({
        code: fault === 'broken' ? expect.any(String) : 'rest-failed',
      });
    }
    virtual.exchange.faults.rest = 'fine';
    await virtual.run(40_000);
    expect((await past(virtual, 10, '1h')).length).toBeGreaterThan(8);
    expect(virtual.faults()).toEqual([]);
    await virtual.feed.close();
  });
});
