import { describe, expect, it } from '@jest/globals';
import { createSimulatedFeed, type FeedEvent } from '@tickwire/market';
import {
  type Bar,
  channelMessageSchemas,
  type Forecast,
  type Gap,
  type Health,
  type MarketMessage,
  type Ticker,
  type Trade,
} from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createInstrumentPipeline } from './instrument-pipeline.js';

const start = Date.UTC(2024, 7, 9);

/** Runs a simulated market through a pipeline as the producer does, and returns all published messages. */
const run = async (
  seconds: number,
  act?: (at: number, add: (event: FeedEvent) => void) => void,
): Promise<{ events: FeedEvent[]; messages: MarketMessage[] }> => {
  const clock = createManualClock(start);
  const events: FeedEvent[] = [];
  const messages: MarketMessage[] = [];
  const pipeline = createInstrumentPipeline({
    venue: 'sim',
    symbol: 'BTC-USD',
    tickerMs: 100,
    publish: (message) => messages.push(message),
  });
  const feed = createSimulatedFeed({ symbols: ['BTC-USD'], seed: 7, tradesPerSecond: 10, clock, pastMinutes: 10 });
  await feed.start((batch) => {
    for (const event of batch) {
      events.push(event);
      pipeline.add(event);
    }
  });
  for (let i = 0; i < seconds * 20; i += 1) {
    clock.advance(50);
    act?.(i * 50, pipeline.add);
    pipeline.advance(clock.now());
  }
  await feed.close();
  return { events, messages };
};

const ofType = <T extends MarketMessage>(messages: readonly MarketMessage[], type: T['type']): T[] =>
  messages.filter((message): message is T => message.type === type);

describe('instrument pipeline', () => {
  it('[P13] publishes every trade as it came, and tickers no more often than asked', async () => {
    const { events, messages } = await run(20);
    const fed = events.flatMap((event) => (event.kind === 'trade' ? [event.trade] : []));
    expect(ofType<Trade>(messages, 'price.trade')).toEqual(fed);
    const tickers = ofType<Ticker>(messages, 'price.ticker');
    expect(tickers.length).toBeGreaterThan(100);
    expect(tickers.length).toBeLessThanOrEqual(201);
    for (const ticker of tickers) {
      expect(Number(ticker.bid)).toBeLessThan(Number(ticker.ask));
      expect(ticker.ageMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('[P13] bars are closed in order, once each, before any trade behind them', async () => {
    const { messages } = await run(20);
    const closed = ofType<Bar>(messages, 'price.bar').filter((bar) => bar.closed && bar.interval === '1s');
    expect(closed.length).toBeGreaterThanOrEqual(17);
    expect(closed.map((bar) => bar.start)).toEqual(closed.map((_, index) => (closed[0]?.start ?? 0) + index * 1_000));
    for (const bar of closed) {
      const at = messages.indexOf(bar);
      const later = ofType<Trade>(messages.slice(at), 'price.trade').filter((trade) => trade.ts < bar.start + 1_000);
      expect(later).toEqual([]);
    }
  });

  it('[P14] a forecast each second after the first hundred, its intervals nested around the centre', async () => {
    const { messages } = await run(130);
    const forecasts = ofType<Forecast>(messages, 'price.forecast');
    expect(forecasts.length).toBeGreaterThanOrEqual(25);
    for (const { horizons } of forecasts) {
      expect(horizons.map(({ seconds }) => seconds)).toEqual([1, 10, 60, 300]);
      for (const { center, levels, warming } of horizons) {
        const edges = [levels[95][0], levels[90][0], levels[80][0], levels[50][0], center];
        edges.push(levels[50][1], levels[80][1], levels[90][1], levels[95][1]);
        expect(edges.map(Number)).toEqual([...edges].map(Number).sort((a, b) => a - b));
        expect(edges.every((edge) => /^\d+\.\d+$/.test(edge))).toBe(true);
        expect(warming).toBe(true);
      }
    }
  });

  it('[P14] no forecast is made while the stream is not live, and health says so', async () => {
    const { messages } = await run(140, (at, add) => {
      const state = { venue: 'sim', symbol: 'BTC-USD', rts: start + at } as const;
      if (at === 120_000) add({ kind: 'state', state: { ...state, state: 'stale', reason: 'silent' } });
      if (at === 130_000) add({ kind: 'state', state: { ...state, state: 'live' } });
    });
    const at = (message: MarketMessage): number => message.rts - start;
    const during = ofType<Forecast>(messages, 'price.forecast').filter(
      (each) => at(each) > 120_050 && at(each) < 130_000,
    );
    expect(during).toEqual([]);
    expect(ofType<Forecast>(messages, 'price.forecast').some((each) => at(each) > 130_000)).toBe(true);
    const health = ofType<Health>(messages, 'feed.health').map(({ state, reason }) => [state, reason]);
    expect(health.filter((each, at) => String(each) !== String(health[at - 1]))).toEqual([
      ['live', undefined],
      ['stale', 'silent'],
      ['live', undefined],
    ]);
  });

  it('[P42] health comes with each change and every five seconds, with age, reason and since when', async () => {
    const { messages } = await run(60, (at, add) => {
      const state = { venue: 'sim', symbol: 'BTC-USD', rts: start + at, state: 'down' } as const;
      if (at === 21_000) add({ kind: 'state', state: { ...state, reason: 'connection closed', ageMs: 70 } });
      if (at === 27_000) add({ kind: 'state', state: { ...state, reason: 'refused with 429', ageMs: 6_070 } });
    });
    const health = ofType<Health>(messages, 'feed.health');
    const times = health.map(({ ts }) => ts - start);
    expect(times.filter((at) => at < 21_000)).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
    expect(times.filter((at) => at >= 21_000)).toEqual([
      21_000, 26_000, 27_000, 32_000, 37_000, 42_000, 47_000, 52_000, 57_000,
    ]);
    for (const { since, ts } of health) expect(since - start).toBe(ts < start + 21_000 ? 0 : 21_000);
    expect(health.every(({ state, ts }) => state === (ts < start + 21_000 ? 'live' : 'down'))).toBe(true);
    expect(health.find(({ ts }) => ts === start + 27_000)).toMatchObject({ reason: 'refused with 429' });
    expect(health.every(({ ageMs }) => ageMs >= 0)).toBe(true);
  });

  it('[P42] while a stream is not live its last ticker is repeated, older each time', () => {
    const messages: MarketMessage[] = [];
    const instrument = { venue: 'sim', symbol: 'BTC-USD' };
    const pipeline = createInstrumentPipeline({
      ...instrument,
      tickerMs: 100,
      publish: (message) => messages.push(message),
    });
    const trade: Trade = {
      type: 'price.trade',
      ...instrument,
      ts: start,
      rts: start,
      id: '1',
      price: '1.50',
      size: '1',
      side: 'buy',
    };
    pipeline.add({ kind: 'state', state: { ...instrument, state: 'live', rts: start } });
    pipeline.add({ kind: 'trade', trade });
    for (let at = 0; at <= 10_000; at += 50) pipeline.advance(start + at);
    expect(ofType<Ticker>(messages, 'price.ticker')).toHaveLength(1);
    pipeline.add({
      kind: 'state',
      state: { ...instrument, state: 'stale', rts: start + 10_050, reason: 'no data', ageMs: 10_050 },
    });
    for (let at = 10_050; at <= 21_000; at += 50) pipeline.advance(start + at);
    const tickers = ofType<Ticker>(messages, 'price.ticker');
    expect(tickers.map(({ last, ts, ageMs }) => [last, ts, ageMs])).toEqual([
      ['1.50', start, 0],
      ['1.50', start, 15_050],
      ['1.50', start, 20_050],
    ]);
    const health = ofType<Health>(messages, 'feed.health');
    expect(health.slice(-2).map(({ state, ageMs }) => [state, ageMs])).toEqual([
      ['stale', 15_050],
      ['stale', 20_050],
    ]);
    expect(pipeline.health(start + 30_000)).toMatchObject({ state: 'stale', since: start + 10_050, ageMs: 30_000 });
  });

  it('[P43] a gap is published between the trades on its sides, and its bars are incomplete', async () => {
    const { messages } = await run(20, (at, add) => {
      const gap = { venue: 'sim', symbol: 'BTC-USD', afterId: '7', beforeId: '10', rts: start + at };
      if (at === 10_000) add({ kind: 'gap', gap });
    });
    const [gap, ...others] = ofType<Gap>(messages, 'feed.gap');
    expect(others).toEqual([]);
    const at = messages.indexOf(gap as Gap);
    const before = ofType<Trade>(messages.slice(0, at), 'price.trade').map(({ ts }) => ts);
    const behind = ofType<Trade>(messages.slice(at), 'price.trade').map(({ rts }) => rts);
    expect(gap).toEqual({
      type: 'feed.gap',
      venue: 'sim',
      symbol: 'BTC-USD',
      ts: Math.max(...before),
      rts: start + 10_000,
      afterId: '7',
      beforeId: '10',
      missing: 2,
    });
    expect(Math.min(...behind)).toBeGreaterThan(start + 10_000);
    const bars = ofType<Bar>(messages, 'price.bar').filter(({ closed, interval }) => closed && interval === '1s');
    const incomplete = bars.filter((bar) => bar.incomplete).map((bar) => bar.start);
    expect(incomplete).toContain(Math.floor(Math.max(...before) / 1_000) * 1_000);
    // The first bar began before the first trade was seen.
    expect(incomplete.length).toBeLessThanOrEqual(4);
  });

  it('[C40] every message has the fields of its schema and no other', async () => {
    const { messages } = await run(130, (at, add) => {
      if (at !== 60_000) return;
      add({ kind: 'gap', gap: { venue: 'sim', symbol: 'BTC-USD', rts: start + at, afterId: '1', beforeId: '4' } });
    });
    const schemas = Object.values(channelMessageSchemas);
    for (const schema of schemas) {
      const ofKind = messages.filter(({ type }) => type === schema.shape.type.value);
      expect(ofKind.length).toBeGreaterThan(0);
      // Parsing removes a field that the schema lacks.
      for (const message of ofKind) expect(schema.parse(message)).toEqual(message);
    }
  });
});
