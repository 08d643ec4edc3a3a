import { describe, expect, test } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { createManualClock, type ManualClock } from '@tickwire/protocol/testing';
import { Big } from 'big.js';
import type { FeedEvent, Quote } from '../feed.js';
import { createSimulatedFeed, type SimulatedFeedOptions } from './simulated-feed.js';
import { simulatedMarket } from './simulated-markets.js';

interface Run {
  readonly arrays: (readonly FeedEvent[])[];
  readonly clock: ManualClock;
  readonly close: () => Promise<void>;
  readonly skippedMs: () => number;
}

/** The past has a test of its own beside this file, and a whole day of it costs half a second for each feed. */
const pastMinutes = 30;

const run = async (options: Partial<SimulatedFeedOptions>, ms: number, startMs?: number): Promise<Run> => {
  const clock = createManualClock(startMs);
  const feed = createSimulatedFeed({ symbols: ['BTC-USD'], clock, pastMinutes, ...options });
  const arrays: (readonly FeedEvent[])[] = [];
  await feed.start((events) => arrays.push(events));
  clock.advance(ms);
  return { arrays, clock, close: feed.close, skippedMs: () => feed.counters.skippedMs };
};

const tradesOf = (arrays: Run['arrays']): Trade[] =>
  arrays.flat().flatMap((event) => (event.kind === 'trade' ? [event.trade] : []));
/** The message of an event of any kind, without its receive time. */
const reportedOf = (arrays: Run['arrays'], symbol?: string): unknown[] =>
  arrays.flat().flatMap((event) => {
    const [message] = Object.values(event).filter((value) => typeof value === 'object') as [Record<string, unknown>];
    const { rts, ...rest } = message;
    return symbol === undefined || message['symbol'] === symbol ? [rest] : [];
  });

describe('the simulated feed', () => {
  test('[M20] has the same events for the same seed, whenever its timers run', async () => {
    const steady = await run({ seed: 7 }, 30_000);
    const clumsy = await run({ seed: 7, stepMs: 333 }, 30_000);
    clumsy.clock.advance(333);
    steady.clock.advance(333);
    const reported = reportedOf(steady.arrays);
    expect(reported.length).toBeGreaterThan(500);
    expect(reportedOf(clumsy.arrays)).toEqual(reported.slice(0, reportedOf(clumsy.arrays).length));
    expect(reportedOf((await run({ seed: 8 }, 30_000)).arrays)).not.toEqual(reported);
  });

  test('[M21] a symbol does not depend on its neighbours', async () => {
    const alone = await run({ symbols: ['ETH-USD'] }, 10_000);
    const among = await run({ symbols: ['BTC-USD', 'ETH-USD', 'DOGE-USD'] }, 10_000);
    expect(reportedOf(among.arrays, 'ETH-USD')).toEqual(reportedOf(alone.arrays));
    expect(reportedOf(among.arrays, 'BTC-USD')).not.toEqual(reportedOf(alone.arrays));
  });

  test('[M22] begins with state, quote and statistics that agree', async () => {
    const { arrays, clock } = await run({ symbols: ['BTC-USD', 'XRP-USD'] }, 0);
    for (const symbol of ['BTC-USD', 'XRP-USD']) {
      const own = (arrays[0] ?? []).filter((event) => 'state' in event || reportedOf([[event]], symbol).length > 0);
      expect(own.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['state', 'quote', 'stats']));
      const found = own.find((event) => event.kind === 'stats');
      if (found?.kind !== 'stats') throw new Error('no statistics');
      const { last = '', open24h = '', high24h = '', low24h = '', ...sums } = found.stats;
      expect(found.stats.ts).toBe(clock.now());
      for (const price of [last, open24h, sums.vwap24h ?? '']) {
        expect(Big(price).cmp(low24h)).toBeGreaterThanOrEqual(0);
        expect(Big(price).cmp(high24h)).toBeLessThanOrEqual(0);
      }
      const vwap = Big(sums.quoteVolume24h ?? '').div(sums.volume24h ?? '');
      expect(vwap.toFixed(8)).toBe(sums.vwap24h);
    }
  });

  test('[M22] statistics go on, and include the trades since', async () => {
    const { arrays } = await run({ tradesPerSecond: 50 }, 5000);
    const all = arrays.flat().flatMap((event) => (event.kind === 'stats' ? [event.stats] : []));
    expect(all).toHaveLength(6);
    const [first, last] = [all[0], all.at(-1)];
    const traded = tradesOf(arrays)
      .filter(({ ts }) => ts < (last?.ts ?? 0))
      .reduce((sum, { size }) => sum.plus(size), Big(first?.volume24h ?? ''));
    // A trade in the same millisecond as the statistics may be on either side.
    expect(Number(traded.minus(last?.volume24h ?? '').toFixed())).toBeCloseTo(0, 1);
  });

  test('[M23] trade ids go up by one, and begin higher for a later start', async () => {
    const trades = tradesOf((await run({ tradesPerSecond: 500 }, 5000)).arrays);
    const first = Number(trades[0]?.id);
    expect(trades.map(({ id }) => Number(id))).toEqual(trades.map((_, i) => first + i));
    const later = tradesOf((await run({}, 1000, Date.UTC(2024, 0, 1) + 60_000)).arrays);
    expect(Number(later[0]?.id)).toBeGreaterThan(Number(trades.at(-1)?.id));
  });

  test.each(['BTC-USD', 'DOGE-USDT', 'SHIB-EUR', 'ETH-BTC', 'QQQ-USD', 'BTC-JPY'])(
    '[M24] %s trades on its grid at the best price of its side',
    async (symbol) => {
      const { arrays } = await run({ symbols: [symbol], tradesPerSecond: 100 }, 20_000);
      const { priceDecimals, sizeDecimals } = simulatedMarket(symbol);
      const isOnGrid = (text: string, decimals: number): boolean =>
        new RegExp(decimals === 0 ? '^\\d+$' : `^\\d+\\.\\d{${decimals}}$`).test(text) && Number(text) > 0;
      const wrong: FeedEvent[] = [];
      let book: Quote | undefined;
      for (const event of arrays.flat()) {
        if (event.kind === 'quote') {
          book = event.quote;
          const { bid = '', bidSize = '', ask = '', askSize = '' } = book;
          const isRight =
            [bid, ask].every((price) => isOnGrid(price, priceDecimals)) &&
            [bidSize, askSize].every((size) => isOnGrid(size, sizeDecimals)) &&
            Big(bid).cmp(ask) < 0;
          if (!isRight) wrong.push(event);
        } else if (event.kind === 'trade') {
          const { side, price, size } = event.trade;
          if (price !== (side === 'buy' ? book?.ask : book?.bid) || !isOnGrid(size, sizeDecimals)) wrong.push(event);
        }
      }
      expect(tradesOf(arrays).length).toBeGreaterThan(500);
      expect(wrong).toEqual([]);
    },
  );

  test('[M25] arrays are in order of venue time and nothing is from the future', async () => {
    const { arrays } = await run({ symbols: ['BTC-USD', 'ETH-USD'], tradesPerSecond: 300 }, 10_000);
    const times: { ts: number; rts: number }[] = [];
    for (const event of arrays.flat()) {
      if (event.kind === 'trade') times.push(event.trade);
      else if (event.kind === 'quote') times.push(event.quote);
    }
    expect(times.filter(({ ts }, i) => ts < (times[i - 1]?.ts ?? 0))).toEqual([]);
    expect(times.filter(({ ts, rts }) => ts > rts || rts - ts > 20)).toEqual([]);
  });

  test('[M26] the mean rate is the requested one, and bursts are far above it', async () => {
    const seconds = 2000;
    const counts = new Array<number>(seconds).fill(0);
    const begin = Date.UTC(2024, 0, 1);
    for (const { ts } of tradesOf((await run({ tradesPerSecond: 10, seed: 3 }, seconds * 1000)).arrays))
      counts[Math.floor((ts - begin) / 1000)] = (counts[Math.floor((ts - begin) / 1000)] ?? 0) + 1;
    const mean = counts.reduce((sum, count) => sum + count, 0) / seconds;
    expect(mean).toBeGreaterThan(8.5);
    expect(mean).toBeLessThan(11.5);
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / seconds;
    // Independent arrivals would have a ratio of 1.
    expect(variance / mean).toBeGreaterThan(5);
    expect(Math.max(...counts)).toBeGreaterThan(10 * mean);
  });

  test('[M27] imbalance explains a few percent of the next second, less of the next thirty', async () => {
    const points: { imbalance: number; price: number }[] = [];
    let book: Quote | undefined;
    const clock = createManualClock();
    const feed = createSimulatedFeed({ symbols: ['BTC-USD'], seed: 11, tradesPerSecond: 10, stepMs: 500, clock });
    await feed.start((events) => {
      for (const event of events) if (event.kind === 'quote') book = event.quote;
    });
    for (let second = 0; second < 2500; second++) {
      clock.advance(1000);
      if (!book) throw new Error('no quote');
      const [bid, ask] = [Number(book.bidSize), Number(book.askSize)];
      points.push({ imbalance: (bid - ask) / (bid + ask), price: Math.log(Number(book.bid) + Number(book.ask)) });
    }
    const explained = (horizon: number): number => {
      const pairs = points.slice(0, -horizon).map(({ imbalance, price }, i) => ({
        x: imbalance,
        y: (points[i + horizon]?.price ?? 0) - price,
      }));
      const sum = (of: (pair: { x: number; y: number }) => number) =>
        pairs.reduce((total, pair) => total + of(pair), 0);
      const [mx, my] = [sum(({ x }) => x) / pairs.length, sum(({ y }) => y) / pairs.length];
      return (
        sum(({ x, y }) => (x - mx) * (y - my)) ** 2 / sum(({ x }) => (x - mx) ** 2) / sum(({ y }) => (y - my) ** 2)
      );
    };
    expect(explained(1)).toBeGreaterThan(0.015);
    expect(explained(1)).toBeLessThan(0.13);
    expect(explained(30)).toBeLessThan(explained(1) / 2);
  });

  test('[M28] a pause is skipped and counted', async () => {
    const clock = createManualClock();
    let standstill = 0;
    // Timers of a sleeping machine fire late.
    const sleepy = {
      wall: () => clock.wall() + standstill,
      monotonic: () => clock.monotonic() + standstill,
      after: clock.after,
    };
    const feed = createSimulatedFeed({ symbols: ['BTC-USD'], tradesPerSecond: 100, clock: sleepy });
    const arrays: (readonly FeedEvent[])[] = [];
    await feed.start((events) => arrays.push(events));
    clock.advance(1000);
    const before = arrays.flat().length;
    standstill = 8 * 3_600_000;
    clock.advance(2000);
    expect(feed.counters.skippedMs).toBeGreaterThan(standstill - 1000);
    expect(feed.counters.skippedMs).toBeLessThan(standstill + 1000);
    expect(arrays.flat().length - before).toBeLessThan(10_000);
    const trades = tradesOf(arrays);
    const first = Number(trades[0]?.id);
    expect(trades.map(({ id }) => Number(id))).toEqual(trades.map((_, i) => first + i));
    expect(trades.every(({ ts, rts }) => rts - ts <= 20 && ts <= rts)).toBe(true);
    expect(trades.filter(({ ts }) => ts > clock.now() - 1000 + standstill).length).toBeGreaterThan(50);
  });

  test('[M29] one timer at most, and none after close', async () => {
    const { arrays, clock, close } = await run({ symbols: ['BTC-USD', 'ETH-USD'] }, 1000);
    expect(clock.pending).toBe(1);
    const before = arrays.length;
    await close();
    await close();
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(arrays).toHaveLength(before);
  });

  test('[M29] a consumer may close the feed during a callback', async () => {
    const clock = createManualClock();
    const feed = createSimulatedFeed({ symbols: ['BTC-USD'], clock });
    let calls = 0;
    await feed.start(() => {
      calls += 1;
      if (calls === 3) void feed.close();
    });
    clock.advance(1000);
    expect([calls, clock.pending]).toEqual([3, 0]);
  });

  test.each([
    ['no symbols', { symbols: [] }, 'bad-option'],
    ['a symbol twice', { symbols: ['BTC-USD', 'BTC-USD'] }, 'bad-option'],
    ['a bad symbol', { symbols: ['BTCUSD'] }, 'bad-symbol'],
    ['a pair of one asset', { symbols: ['BTC-BTC'] }, 'bad-symbol'],
    ['a rate of zero', { symbols: ['BTC-USD'], tradesPerSecond: 0 }, 'bad-option'],
    ['a rate beyond the ids', { symbols: ['BTC-USD'], tradesPerSecond: 10_001 }, 'bad-option'],
    ['a rate that is no number', { symbols: ['BTC-USD'], tradesPerSecond: Number.NaN }, 'bad-option'],
    ['a venue no channel can name', { symbols: ['BTC-USD'], venue: 'My Venue' }, 'bad-option'],
  ])('[M20] %s is refused at once', (_what, options, code) => {
    expect(() => createSimulatedFeed(options)).toThrow(expect.objectContaining({ code }));
  });

  test('[M20] an unknown pair has the same market in every run', () => {
    expect(simulatedMarket('ZZZ-USD')).toEqual(simulatedMarket('ZZZ-USD'));
    expect(simulatedMarket('ZZZ-USD')).not.toMatchObject({ startTicks: simulatedMarket('ZZY-USD').startTicks });
    expect(simulatedMarket('ETH-BTC').startTicks / 10 ** simulatedMarket('ETH-BTC').priceDecimals).toBeCloseTo(
      2680 / 61_800,
      5,
    );
  });
});
