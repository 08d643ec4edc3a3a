import { describe, expect, it } from '@jest/globals';
import { createSimulatedFeed, type FeedEvent } from '@tickwire/market';
import { createManualClock } from '@tickwire/market/testing';
import type { Bar, Forecast, MarketMessage, Ticker, Trade } from '@tickwire/protocol';
import { createInstrumentPipeline } from './instrument-pipeline.js';

const start = Date.UTC(2024, 7, 9);

/** Runs a simulated market through a pipeline as the producer does, and returns all it published. */
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
  const feed = createSimulatedFeed({ symbols: ['BTC-USD'], seed: 7, tradesPerSecond: 10, clock });
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
    const health = messages
      .filter((message) => message.type === 'feed.health')
      .map(({ state, reason }) => [state, reason]);
    expect(health).toEqual([
      ['live', undefined],
      ['stale', 'silent'],
      ['live', undefined],
    ]);
  });
});
