import { describe, expect, test } from '@jest/globals';
import { type Bar, channelMessageSchemas } from '@tickwire/protocol';
import { fakeCandles, isQuiet } from '../../../../tests/support/exchanges/fake-candles.js';
import { fakeSymbols } from '../../../../tests/support/exchanges/fake-venues.js';
import { startVirtualFeed, type VirtualFeed } from '../../../../tests/support/exchanges/index.js';
import type { Candle } from '../exchange/venue.js';
import type { VenueName } from '../exchange/venues.js';
import { fetchCandles } from './fetch-candles.js';

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

describe('answers that are not what was asked for', () => {
  const start = Date.UTC(2026, 0, 2);
  const hour = 60 * minute;
  const candleAt = (at: number): Candle => ({
    ...{ start: at, open: '2', high: '3', low: '1', close: '2' },
    ...{ volume: '1', quoteVolume: '2', trades: 1 },
  });
  /** What the venue answers to a request for a range, in milliseconds. */
  const ask = async (answer: (fromMs: number, untilMs: number) => readonly number[], lengthMs = minute) => {
    let requests = 0;
    const bars = await fetchCandles({
      ...{ venue: 'binance', pair: { symbol: 'BTC-USDT', name: 'BTCUSDT' }, rts: () => start },
      interval: lengthMs === minute ? '1m' : '1h',
      fromMs: start,
      untilMs: start + 1_000 * lengthMs,
      candles: {
        max: 1_000,
        path: (_pair, _lengthMs, fromMs, untilMs) => `${fromMs} ${untilMs}`,
        read: (rows) => (rows as readonly number[]).map(candleAt),
      },
      get: async (path) => {
        requests += 1;
        const [fromMs = 0, untilMs = 0] = path.split(' ').map(Number);
        return answer(fromMs, untilMs);
      },
      onBadEntry: () => {},
    });
    return { requests, bars };
  };
  const every = (stepMs: number, fromMs: number, untilMs: number): number[] =>
    Array.from({ length: Math.ceil((untilMs - fromMs) / stepMs) }, (_, at) => fromMs + at * stepMs);

  test.each([
    ['the oldest', (all: readonly number[]) => all.slice(0, 300), 4],
    ['the newest', (all: readonly number[]) => all.slice(-300), 4],
    [
      'the newest, in no order and twice',
      (all: readonly number[]) => [...all.slice(-300).reverse(), ...all.slice(-9)],
      4,
    ],
  ])('[M361] of a page that has %s only, the rest is requested, and nothing is carried', async (_, part, most) => {
    const { bars, requests } = await ask((fromMs, untilMs) => part(every(minute, fromMs, untilMs)));
    expect(bars.map((bar) => bar.start)).toEqual(every(minute, start, start + 1_000 * minute));
    expect(bars.every(({ trades }) => trades === 1)).toBe(true);
    expect(requests).toBe(most);
  });

  test('[M361] a page whose rest the venue does not have is asked for once more, no further', async () => {
    const { bars, requests } = await ask((fromMs, untilMs) =>
      every(minute, fromMs, Math.min(untilMs, start + 300 * minute)),
    );
    expect([bars.length, requests]).toEqual([300, 2]);
  });

  test.each([
    ['an hour for a minute', hour, minute],
    ['a minute for an hour', minute, hour],
  ])('[M361] candles of %s are rejected', async (_, stepMs, lengthMs) => {
    const asked = ask((fromMs, untilMs) => every(stepMs, fromMs, untilMs), lengthMs);
    await expect(asked).rejects.toThrow(
      `expected candles of ${lengthMs / 1_000} s, got some ${stepMs / 1_000} s apart`,
    );
  });
});
