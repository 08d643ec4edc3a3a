import { describe, expect, it } from '@jest/globals';
import { createSimulatedFeed } from '@tickwire/market';
import type { Bar, MarketMessage, Ticker } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createInstrumentPipeline } from './instrument-pipeline.js';

const hour = 3_600_000;
const symbol = 'BTC-USD';

/** Messages of a pipeline in half a minute, with their times; the wall clock steps at 10 s. */
const publishedWith = async (stepMs: number) => {
  const clock = createManualClock();
  const startMs = clock.now();
  const reported: { readonly at: number; readonly message: MarketMessage }[] = [];
  const pipeline = createInstrumentPipeline({
    venue: 'sim',
    symbol,
    tickerMs: 100,
    publish: (message) => reported.push({ at: clock.now() - startMs, message }),
  });
  const feed = createSimulatedFeed({ symbols: [symbol], seed: 7, tradesPerSecond: 10, clock, pastMinutes: 10 });
  await feed.start((events) => {
    for (const event of events) pipeline.add(event, clock.monotonic());
  });
  for (let at = 0; at < 30_000; at += 50) {
    if (at === 10_000) clock.stepWall(stepMs);
    // The stream is silent for a while, so that its age is published.
    if (at === 20_000) await feed.close();
    if (at === 21_000) {
      const state = { venue: 'sim', symbol, state: 'stale', rts: clock.wall(), reason: 'silent' } as const;
      pipeline.add({ kind: 'state', state }, clock.monotonic());
    }
    clock.advance(50);
    pipeline.advance(clock.wall(), clock.monotonic());
  }
  return reported;
};

const labels = new Set(['rts', 'since']);
/** Removes the labels by our wall clock, which include `ts` of health. */
const withoutLabels = (reported: Awaited<ReturnType<typeof publishedWith>>): unknown[] =>
  reported
    .filter(({ message }) => message.type !== 'price.forecast')
    .map(({ at, message }) => {
      const isOurs = (key: string): boolean => labels.has(key) || (key === 'ts' && message.type === 'feed.health');
      return [at, JSON.parse(JSON.stringify(message, (key, value) => (isOurs(key) ? 0 : value)))];
    });

describe('a wall clock that steps', () => {
  it.each([-2 * hour, -120_000, -700, 900])(
    '[P80] by %i ms: trades, bars, tickers and health come as without, at the same moments, but for their labels',
    async (stepMs) => {
      const expected = withoutLabels(await publishedWith(0));
      expect(expected.length).toBeGreaterThan(500);
      expect(withoutLabels(await publishedWith(stepMs))).toEqual(expected);
    },
  );

  it('[P80] by two hours ahead, with a market that follows it: everything continues within a second', async () => {
    const reported = (await publishedWith(2 * hour)).filter(({ at }) => at > 10_000 && at <= 12_000);
    const first = (type: MarketMessage['type']): number =>
      reported.find(({ message }) => message.type === type)?.at ?? 0;
    for (const type of ['price.trade', 'price.ticker', 'price.bar'] as const)
      expect([type, first(type) - 10_000 < 1_000]).toEqual([type, true]);
    const ages = reported.flatMap(({ message }) =>
      message.type === 'price.ticker' ? [(message as Ticker).ageMs ?? 0] : [],
    );
    expect(Math.max(...ages)).toBeLessThan(500);
    const bars = reported.flatMap(({ message }) => (message.type === 'price.bar' ? [message as Bar] : []));
    expect(bars.some(({ closed, trades }) => closed && trades > 0)).toBe(true);
  });
});
