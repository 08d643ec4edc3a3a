import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Bar, Trade } from '@tickwire/protocol';
import { Big } from 'big.js';
import { testSeed } from '../../../../tests/support/depth.js';
import type { FeedEvent } from '../feed.js';
import { createRandom } from '../simulated/random.js';
import { btcRecording } from '../testing/index.js';
import { createBarBuilder } from './bar-builder.js';

const venue = 'sim';
const symbol = 'BTC-USD';
const start = Date.UTC(2024, 0, 1);
const seed = String(testSeed);
let ids = 0;

const trade = (atMs: number, price: string, size = '1', more: Partial<Trade> = {}): FeedEvent => {
  const ts = start + atMs;
  const message: Trade = {
    type: 'price.trade',
    venue,
    symbol,
    ts,
    rts: ts,
    id: String(++ids),
    price,
    size,
    side: 'buy',
  };
  return { kind: 'trade', trade: { ...message, ...more } };
};
const gap: FeedEvent = { kind: 'gap', gap: { venue, symbol, rts: start } };
const state = (value: 'live' | 'down' | 'resync', atMs: number): FeedEvent => ({
  kind: 'state',
  state: { venue, symbol, state: value, rts: start + atMs },
});

/** The feed is live again, and missed nothing. */
const completeAgain = (atMs: number): FeedEvent => ({
  kind: 'state',
  state: { venue, symbol, state: 'live', rts: start + atMs, isComplete: true },
});

const builder = (more: Partial<Parameters<typeof createBarBuilder>[0]> = {}) =>
  createBarBuilder({ venue, symbol, interval: '1s', ...more });

/** Starts in seconds after the beginning, for readable expectations. */
const seconds = (bars: readonly Bar[]): number[] => bars.map((bar) => (bar.start - start) / 1000);

describe('bars', () => {
  test('[M40] a bar holds the trades of its interval', () => {
    const bars = builder();
    for (const [at, price, size] of [
      [100, '10.50', '1.5'],
      [200, '11.00', '0.25'],
      [300, '9.90', '2'],
      [999, '10.10', '0.001'],
    ] as const)
      expect(bars.add(trade(at, price, size))).toEqual([]);
    expect(bars.advance(start + 1250)).toEqual([
      {
        type: 'price.bar',
        venue,
        symbol,
        ts: start + 999,
        rts: start + 999,
        interval: '1s',
        start,
        open: '10.50',
        high: '11.00',
        low: '9.90',
        close: '10.10',
        volume: '3.751',
        quoteVolume: '38.3101',
        takerBuyVolume: '3.751',
        takerBuyQuoteVolume: '38.3101',
        trades: 4,
        closed: true,
        incomplete: true,
      },
    ]);
  });

  test('[M41] open and close follow venue time, and arrival within a millisecond', () => {
    const bars = builder();
    for (const [at, price] of [
      [500, '5'],
      [500, '6'],
      [100, '1'],
      [100, '2'],
    ] as const)
      bars.add(trade(at, price));
    expect(bars.advance(start + 1250)).toMatchObject([{ open: '1', close: '6', high: '6', low: '1' }]);
  });

  test('[G157] a bar has the exact volumes that takers bought', () => {
    const bars = builder();
    bars.add(trade(0, '10.5', '0.1'));
    bars.add(trade(1, '10.5', '0.2'));
    bars.add(trade(2, '10', '5', { side: 'sell' }));
    const [traded, quiet] = bars.add(trade(2_500, '10', '1'));
    expect(traded).toMatchObject({ volume: '5.3', takerBuyVolume: '0.3', takerBuyQuoteVolume: '3.15' });
    expect(quiet).toMatchObject({ trades: 0, takerBuyVolume: '0', takerBuyQuoteVolume: '0' });
  });

  test('[M42] bars close once and in order, though trades of two intervals arrive mixed', () => {
    const bars = builder();
    bars.add(trade(900, '1'));
    expect(bars.add(trade(1010, '2'))).toEqual([]);
    expect(bars.add(trade(990, '3'))).toEqual([]);
    const closed = [...bars.add(trade(2300, '4')), ...bars.advance(start + 9250)];
    expect(seconds(closed)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(closed.slice(0, 3).map((bar) => bar.close)).toEqual(['3', '2', '4']);
    expect(bars.advance(start + 9250)).toEqual([]);
  });

  test('[M43] a trade closes a bar once it is past the end by the allowance', () => {
    const bars = builder({ latenessMs: 100 });
    bars.add(trade(500, '1'));
    expect(bars.add(trade(1099, '2'))).toEqual([]);
    expect(seconds(bars.add(trade(1100, '3')))).toEqual([0]);
  });

  test('[M43] the clock closes a bar in venue time, by the difference of the clocks', () => {
    // The venue is 1,273 ms ahead of us, as recorded once; a bar of its second 0 is over at our -0.273.
    const bars = builder({ latenessMs: 100 });
    bars.add(trade(500, '1', '1', { rts: start + 500 - 1273 }));
    expect(bars.advance(start + 1000 - 1273 + 99)).toEqual([]);
    expect(seconds(bars.advance(start + 1000 - 1273 + 100))).toEqual([0]);
  });

  test('[M43] trades that reach us late do not count as late while the difference is steady', () => {
    const bars = builder();
    for (let at = 0; at < 5000; at += 100) {
      bars.add(trade(at, '1', '1', { rts: start + at + 900 }));
      bars.advance(start + at + 900);
    }
    expect(bars.counters.lateTrades).toBe(0);
  });

  test('[M43] before the first trade the clock closes nothing', () => {
    expect(builder().advance(start + 60_000)).toEqual([]);
  });

  test('[M44] an interval without a trade carries the last close', () => {
    const bars = builder();
    bars.add(trade(0, '1'));
    bars.add(trade(10, '7.50'));
    const [, empty] = [...bars.add(trade(2900, '8'))];
    expect(empty).toEqual({
      type: 'price.bar',
      venue,
      symbol,
      ts: start + 1999,
      rts: start + 2900,
      interval: '1s',
      start: start + 1000,
      open: '7.50',
      high: '7.50',
      low: '7.50',
      close: '7.50',
      volume: '0',
      quoteVolume: '0',
      trades: 0,
      takerBuyVolume: '0',
      takerBuyQuoteVolume: '0',
      closed: true,
    });
  });

  test('[M45] in a long silence only the newest bars are made, the others are counted', () => {
    const bars = builder({ maxCarriedBars: 3 });
    bars.add(trade(0, '1'));
    expect(seconds(bars.advance(start + 100_250))).toEqual([0, 97, 98, 99]);
    expect(bars.counters.skippedBars).toBe(96);
    bars.add(trade(100_500, '2'));
    bars.add(trade(200_500, '3'));
    expect(seconds(bars.advance(start + 201_250))).toEqual([200]);
    expect(bars.counters.skippedBars).toBe(96 + 96);
  });

  test('[M46] a gap marks the bars from the trade before it to the trade after it', () => {
    const bars = builder();
    const closed: Bar[] = [];
    for (const event of [trade(0, '1'), trade(1500, '2'), trade(2500, '3'), gap, trade(4500, '4'), trade(5500, '5')])
      closed.push(...bars.add(event));
    closed.push(...bars.advance(start + 6250));
    expect(seconds(closed)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(closed.map((bar) => bar.incomplete ?? false)).toEqual([true, false, true, true, true, false]);
  });

  test('[M46] a gap inside one interval marks that bar alone, its updates too', () => {
    const bars = builder();
    bars.add(trade(0, '1'));
    bars.add(trade(1500, '2'));
    bars.add(gap);
    bars.add(trade(1600, '2'));
    expect(bars.flush(start + 1600).at(-1)).toMatchObject({ start: start + 1000, closed: false, incomplete: true });
    bars.add(trade(2500, '3'));
    const closed = bars.advance(start + 3250);
    expect([seconds(closed), closed.map((bar) => bar.incomplete ?? false)]).toEqual([[2], [false]]);
  });

  test('[M46] two gaps with bars of the first still open lose neither', () => {
    const bars = builder({ latenessMs: 5000 });
    for (const event of [
      trade(0, '1'),
      trade(1500, '2'),
      gap,
      trade(2500, '3'),
      trade(4500, '4'),
      gap,
      trade(5500, '5'),
    ])
      bars.add(event);
    const closed = bars.advance(start + 11_000);
    const incomplete = closed.filter((bar) => bar.incomplete);
    expect(seconds(incomplete)).toEqual(expect.arrayContaining([0, 1, 2, 4, 5]));
  });

  test('[M46] while the feed is down bars are incomplete, and complete again after it is live', () => {
    const bars = builder();
    const closed: Bar[] = [];
    for (const event of [trade(0, '1'), trade(1500, '2'), state('down', 2100)]) closed.push(...bars.add(event));
    closed.push(...bars.advance(start + 4250));
    bars.add(state('live', 4300));
    closed.push(...bars.advance(start + 7250));
    expect(seconds(closed)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(closed.map((bar) => bar.incomplete ?? false)).toEqual([true, true, true, true, true, false, false]);
  });

  test('[M46] if nothing turns out to be missing, bars that were still open when the feed came back are complete', () => {
    const bars = builder();
    const closed: Bar[] = [];
    const outage = [state('down', 1200), state('resync', 1500), trade(1250, '3'), trade(1400, '4')];
    for (const event of [trade(0, '1'), trade(1100, '2'), ...outage, completeAgain(1700), trade(2500, '5')])
      closed.push(...bars.add(event));
    closed.push(...bars.advance(start + 3250));
    expect(closed.map((bar) => bar.incomplete ?? false)).toEqual([true, false, false]);
    expect(closed[1]).toMatchObject({ trades: 3, high: '4' });
  });

  test('[M46] an outage with a gap marks its bars whatever its end reports; so does one longer than a bar', () => {
    const withGap = builder();
    const events = [trade(0, '1'), trade(1100, '2'), state('down', 1200), gap, trade(1400, '4'), completeAgain(1700)];
    for (const event of events) withGap.add(event);
    expect(withGap.advance(start + 2250).at(-1)).toMatchObject({ start: start + 1000, incomplete: true });
    const long = builder();
    for (const event of [trade(0, '1'), trade(1100, '2'), state('down', 1200)]) long.add(event);
    expect(long.advance(start + 2250).at(-1)).toMatchObject({ start: start + 1000, incomplete: true });
    long.add(completeAgain(2300));
    expect(long.advance(start + 3250).map((bar) => bar.incomplete)).toEqual([undefined]);
  });

  test('[M46] a resync marks only what closes before it is over', () => {
    const bars = builder();
    const closed: Bar[] = [];
    for (const event of [trade(0, '1'), trade(1100, '2'), state('resync', 1200), trade(1300, '2'), state('live', 1400)])
      closed.push(...bars.add(event));
    closed.push(...bars.advance(start + 2250));
    bars.add(state('resync', 2300));
    closed.push(...bars.advance(start + 3250));
    bars.add(state('live', 3300));
    closed.push(...bars.advance(start + 4250));
    expect(seconds(closed)).toEqual([0, 1, 2, 3]);
    expect(closed.map((bar) => bar.incomplete ?? false)).toEqual([true, false, true, false]);
  });

  test('[M47] a late trade changes nothing, and is counted and reported', () => {
    const reported: unknown[] = [];
    const bars = builder({ onDroppedTrade: ({ id }, reason) => reported.push([id, reason]) });
    bars.add(trade(500, '1'));
    expect(bars.advance(start + 1250)).toHaveLength(1);
    expect(bars.add(trade(999, '2', '1', { id: 'late' }))).toEqual([]);
    expect(bars.flush(start + 1250)).toEqual([]);
    expect(bars.add(trade(9_000_000, '2', '1', { id: 'ahead', rts: start + 1300 }))).toEqual([]);
    expect(seconds(bars.advance(start + 2250))).toEqual([1]);
    expect(reported).toEqual([
      ['late', 'late'],
      ['ahead', 'ahead'],
    ]);
    expect(bars.counters).toMatchObject({ lateTrades: 1, aheadTrades: 1 });
  });

  test('[M48] an open bar is given when it changed, at most once in updateMs', () => {
    const bars = builder({ updateMs: 200 });
    bars.add(trade(100, '1'));
    expect(bars.flush(start + 100)).toMatchObject([{ closed: false, trades: 1 }]);
    bars.add(trade(150, '2'));
    expect(bars.flush(start + 299)).toEqual([]);
    expect(bars.flush(start + 300)).toMatchObject([{ closed: false, trades: 2, close: '2' }]);
    expect(bars.flush(start + 700)).toEqual([]);
  });

  test('[M48] flush closes first, then gives the open bar', () => {
    const bars = builder();
    bars.add(trade(100, '1'));
    bars.add(trade(1100, '2'));
    expect(bars.flush(start + 1300).map((bar) => [bar.closed, bar.close])).toEqual([
      [true, '1'],
      [false, '2'],
    ]);
  });

  test(`[M40] [M42] any order within the allowance gives the bars of the sorted trades (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < 50; round++) {
      const times = Array.from({ length: 100 }, () => Math.floor(random.uniform() * 10_000)).sort((a, b) => a - b);
      const inOrder = times.map((at) => ({
        at,
        event: trade(at, String(1 + Math.floor(random.uniform() * 50)), '0.1'),
      }));
      // Trades of one millisecond keep their order of arrival, so the delay belongs to the millisecond.
      const delays = new Map(times.map((at) => [at, Math.floor(random.uniform() * 250)]));
      const delay = (at: number): number => at + (delays.get(at) ?? 0);
      const shuffled = [...inOrder].sort((a, b) => delay(a.at) - delay(b.at));
      const run = (list: typeof inOrder): Bar[] => {
        const bars = builder();
        // Frontier and completeness begin with the first trade: both runs begin with the same.
        const closed = [...bars.add(trade(0, '1'))];
        for (const { event } of list) closed.push(...bars.add(event));
        expect(bars.counters.lateTrades).toBe(0);
        return [...closed, ...bars.advance(start + 10_250)];
      };
      const withoutReceipt = (bars: Bar[]) => bars.map(({ rts, ...bar }) => bar);
      expect(withoutReceipt(run(shuffled))).toEqual(withoutReceipt(run(inOrder)));
    }
  });
});

describe('bars of a recording', () => {
  test.each(['1s', '1m'] as const)(
    '[M40] [M44] %s bars equal a plain computation over the table of trades',
    async (interval) => {
      const { tradesFile } = await btcRecording();
      const length = interval === '1s' ? 1000 : 60_000;
      const rows = gunzipSync(readFileSync(tradesFile)).toString().trim().split('\n').slice(1);
      const bars = builder({ interval });
      const closed: Bar[] = [];
      const groups = new Map<number, { price: string; size: string }[]>();
      for (const row of rows) {
        const [receivedNs = '', , ms = '', id = '', price = '', size = ''] = row.split(',');
        const rts = Number(receivedNs.slice(0, 13));
        closed.push(...bars.add(trade(0, price, size, { ts: Number(ms), rts, id })));
        const key = Math.floor(Number(ms) / length) * length;
        groups.set(key, [...(groups.get(key) ?? []), { price, size }]);
      }
      closed.push(...bars.advance(Number(rows.at(-1)?.slice(0, 13)) + 10 * 60_000).filter((bar) => bar.trades > 0));
      expect(bars.counters.lateTrades).toBe(0);
      const expected = [...groups].map(([begin, trades]) => {
        const byPrice = [...trades].sort((a, b) => Big(a.price).cmp(b.price));
        const total = (of: (one: { price: string; size: string }) => ReturnType<typeof Big>): string =>
          trades.reduce((sum, one) => sum.plus(of(one)), Big(0)).toFixed();
        return {
          start: begin,
          open: trades[0]?.price,
          close: trades.at(-1)?.price,
          low: byPrice[0]?.price,
          high: byPrice.at(-1)?.price,
          volume: total(({ size }) => Big(size)),
          quoteVolume: total(({ price, size }) => Big(price).times(size)),
          trades: trades.length,
        };
      });
      expect(closed.filter((bar) => bar.trades > 0)).toMatchObject(expected);
      expect(closed.filter((bar) => bar.trades > 0)).toHaveLength(expected.length);
      const starts = closed.map((bar) => bar.start);
      expect(starts).toEqual(starts.map((_, i) => (starts[0] as number) + i * length));
    },
  );
});
