import { expect, test } from '@jest/globals';
import {
  addDecimal,
  addProduct,
  type Bar,
  channelMessageSchemas,
  compareDecimals,
  emptySum,
  formatSum,
  type Trade,
} from '@tickwire/protocol';
import { createManualClock, type ManualClock } from '@tickwire/protocol/testing';
import type { FeedEvent } from '../feed.js';
import { createDayPaths } from './day-path.js';
import { createSimulatedFeed, type SimulatedFeedOptions } from './simulated-feed.js';
import { simulatedMarket } from './simulated-markets.js';

const minute = 60_000;
const day = 1_440 * minute;

const started = async (startMs: number, options: Partial<SimulatedFeedOptions> = {}) => {
  const clock = createManualClock(startMs);
  const feed = createSimulatedFeed({ symbols: ['BTC-USD'], seed: 7, tradesPerSecond: 5, clock, ...options });
  const events: FeedEvent[] = [];
  await feed.start((array) => events.push(...array));
  const past = (fromMs: number, untilMs: number, interval: '1m' | '1h' = '1m', symbol = 'BTC-USD') =>
    feed.past?.({ venue: 'sim', symbol }, { interval, fromMs, untilMs }) ?? Promise.resolve<readonly Bar[]>([]);
  return { past, events, clock, close: feed.close };
};

const statsOf = (events: readonly FeedEvent[], symbol = 'BTC-USD') =>
  events.flatMap((event) => (event.kind === 'stats' && event.stats.symbol === symbol ? [event.stats] : []));

/** The bars of whole minutes, of trades that were published. */
const folded = (events: readonly FeedEvent[]): readonly object[] => {
  const minutes = new Map<number, Trade[]>();
  for (const event of events) {
    if (event.kind !== 'trade') continue;
    const start = Math.floor(event.trade.ts / minute) * minute;
    const trades = minutes.get(start) ?? [];
    trades.push(event.trade);
    minutes.set(start, trades);
  }
  return [...minutes].map(([start, trades]) => {
    const volume = emptySum();
    const quoteVolume = emptySum();
    const [taken, takenQuote] = [emptySum(), emptySum()];
    for (const { price, size, side } of trades) {
      addDecimal(volume, size);
      addProduct(quoteVolume, price, size);
      if (side !== 'buy') continue;
      addDecimal(taken, size);
      addProduct(takenQuote, price, size);
    }
    const takers = { takerBuyVolume: formatSum(taken), takerBuyQuoteVolume: formatSum(takenQuote) };
    const prices = trades.map(({ price }) => price);
    const [low, high] = [prices.reduce(lower), prices.reduce(higher)];
    const sums = { volume: formatSum(volume), quoteVolume: formatSum(quoteVolume), trades: trades.length, ...takers };
    return { start, open: prices[0], high, low, close: prices.at(-1), ...sums };
  });
};
const lower = (a: string, b: string): string => (compareDecimals(a, b) < 0 ? a : b);
const higher = (a: string, b: string): string => (compareDecimals(a, b) > 0 ? a : b);

const advanceTo = (clock: ManualClock, untilMs: number): void => clock.advance(untilMs - clock.now());

test.each([
  [5, 15],
  [0.2, 15],
  [400, 4],
])('[M184] at %d trades a second the past is what would have been traded', async (tradesPerSecond, minutes) => {
  // Over midnight.
  const startMs = Date.UTC(2026, 0, 2) - 2 * minute;
  const live = await started(startMs, { tradesPerSecond, stepMs: 1_000 });
  advanceTo(live.clock, startMs + minutes * minute);
  const later = await started(startMs + minutes * minute + 1, { tradesPerSecond });
  const bars = await later.past(startMs, startMs + minutes * minute);
  const traded = bars.filter(({ trades }) => trades > 0);
  expect(traded.length).toBeGreaterThanOrEqual(tradesPerSecond < 1 ? 5 : minutes);
  expect(traded.map(({ type, venue, symbol, ts, rts, interval, closed, ...bar }) => bar)).toEqual(folded(live.events));
  // The feed that was there has the same past.
  expect(await live.past(startMs, startMs + minutes * minute)).toEqual(bars);
  await Promise.all([live.close(), later.close()]);
});

test('[M184] a day of minutes, which the first statistics sum up', async () => {
  const startMs = 1_700_000_000_000;
  const nowMinute = Math.floor(startMs / minute) * minute;
  const { past, events } = await started(nowMinute);
  const bars = await past(0, nowMinute);
  expect(bars.map(({ start }) => start)).toEqual(bars.map((_, at) => nowMinute - (1_439 - at) * minute));
  expect(bars).toHaveLength(1_439);
  const volume = emptySum();
  for (const bar of bars) {
    expect(channelMessageSchemas.Bar.parse(bar)).toEqual(bar);
    addDecimal(volume, bar.volume);
  }
  const highs = bars.map(({ high }) => high).sort(compareDecimals);
  const lows = bars.map(({ low }) => low).sort(compareDecimals);
  const [stats] = statsOf(events);
  expect(stats).toMatchObject({ open24h: bars[0]?.open, high24h: highs.at(-1), low24h: lows[0] });
  expect([stats?.last, stats?.volume24h]).toEqual([bars.at(-1)?.close, formatSum(volume)]);
});

test('[M370] a shorter past has the newest of these minutes, and the first statistics sum them up', async () => {
  const startMs = 1_700_000_000_000;
  const whole = await (await started(startMs)).past(0, startMs);
  const { past, events } = await started(startMs, { pastMinutes: 30 });
  const bars = await past(0, startMs);
  expect(bars).toEqual(whole.slice(-30));
  expect(statsOf(events)[0]?.open24h).toBe(bars[0]?.open);
  const without = await started(startMs, { pastMinutes: 0 });
  expect(await without.past(0, startMs)).toEqual([]);
  expect(statsOf(without.events)[0]?.last).toBe(statsOf(events)[0]?.last);
});

test('[M184] statistics of a feed that started in the middle of a minute are those of one that was there', async () => {
  const startMs = 1_700_000_000_000;
  const there = await started(startMs, { stepMs: 1_000 });
  advanceTo(there.clock, startMs + 95_000);
  const later = await started(startMs + 95_000);
  expect({ ...statsOf(later.events)[0], rts: 0 }).toEqual({ ...statsOf(there.events).at(-1), rts: 0 });
});

test('[M184] it is the same whatever is requested and whichever symbols there are', async () => {
  const startMs = 1_700_000_000_000;
  const whole = await (await started(startMs)).past(0, startMs);
  const { past } = await started(startMs, { symbols: ['ETH-USD', 'BTC-USD'] });
  const part = await past(startMs - 100 * minute, startMs - 10 * minute);
  expect(part).toHaveLength(90);
  expect(part).toEqual(whole.filter(({ start }) => part.some((bar) => bar.start === start)));
  expect(await past(0, startMs, '1h')).toEqual([]);
});

test('[M270] a market keeps its range over years, and moves as much as it should', () => {
  const pathOf = createDayPaths({ market: simulatedMarket('BTC-USD'), seed: 'years' });
  const days = Array.from({ length: 2 * 365 }, (_, at) => pathOf(Date.UTC(2023, 0, 1) + at * day).from);
  const [low, high] = [Math.min(...days), Math.max(...days)].map((log) => Math.exp(log) / 100);
  expect([Number(low) > 61_800 / 1.6, Number(high) < 61_800 * 1.6]).toEqual([true, true]);
  const moves = days.slice(1).map((log, at) => log - (days[at] ?? 0));
  const yearly = Math.sqrt((365 * moves.reduce((sum, move) => sum + move ** 2, 0)) / moves.length);
  expect(yearly).toBeGreaterThan(0.36);
  expect(yearly).toBeLessThan(0.55);
});

test('[M22] of more symbols than start at once, statistics of the day follow', async () => {
  const symbols = Array.from({ length: 18 }, (_, at) => `COIN${at}-USD`);
  const { events, clock, past } = await started(1_700_000_000_000, { symbols, tradesPerSecond: 0.2 });
  expect(statsOf(events, 'COIN0-USD')[0]).toHaveProperty('volume24h');
  for (const symbol of ['COIN16-USD', 'COIN17-USD']) {
    expect(statsOf(events, symbol)[0]).not.toHaveProperty('volume24h');
  }
  // What somebody asks for meanwhile is not computed twice, and the sums are the same.
  expect(await past(0, 1_700_000_000_000, '1m', 'COIN17-USD')).not.toEqual([]);
  clock.advance(2_000);
  expect(statsOf(events, 'COIN17-USD')[1]).toHaveProperty('volume24h');
  for (const symbol of ['COIN16-USD', 'COIN17-USD']) {
    const alone = await started(1_700_000_000_000, { symbols: [symbol], tradesPerSecond: 0.2 });
    alone.clock.advance(2_000);
    expect(statsOf(alone.events, symbol).at(-1)).toHaveProperty('volume24h');
    expect(statsOf(events, symbol).at(-1)).toEqual(statsOf(alone.events, symbol).at(-1));
  }
});

test('[M350] however many symbols are asked for their past at once, the event loop turns after 120 minutes of it', async () => {
  const symbols = ['AAA-USD', 'BBB-USD', 'CCC-USD', 'DDD-USD'];
  const { past, close } = await started(100 * day, { symbols, tradesPerSecond: 0.2 });
  let isDone = false;
  const all = Promise.all(symbols.map((symbol) => past(99 * day, 100 * day, '1m', symbol))).then((bars) => {
    isDone = true;
    return bars;
  });
  let turns = 0;
  for (; !isDone; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  const minutes = (await all).reduce((sum, bars) => sum + bars.length, 0);
  expect(minutes).toBeGreaterThan(4 * 1_400);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(minutes / 120));
  await close();
});

test('[M350] nothing more of it is computed once the feed is closed', async () => {
  const symbols = ['AAA-USD', 'BBB-USD'];
  const { past, close } = await started(100 * day, { symbols, tradesPerSecond: 0.2 });
  const all = Promise.all(symbols.map((symbol) => past(99 * day, 100 * day, '1m', symbol)));
  await close();
  const [first = [], second = []] = await all;
  expect(first.length + second.length).toBeLessThan(1_440);
});
