import { expect, test } from '@jest/globals';
import { addDecimal, channelMessageSchemas, compareDecimals, emptySum, formatSum } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createSimulatedFeed } from './simulated-feed.js';

const minute = 60_000;

const startedAt = async (startMs: number, symbols: readonly string[] = ['BTC-USD']) => {
  const feed = createSimulatedFeed({ symbols, seed: 7, clock: createManualClock(startMs) });
  const instrument = { venue: 'sim', symbol: 'BTC-USD' };
  let stats: Readonly<Record<string, unknown>> = {};
  await feed.start((events) => {
    for (const event of events)
      if (event.kind === 'stats' && event.stats.symbol === 'BTC-USD') stats = { ...event.stats };
  });
  await feed.close();
  const past = (fromMs: number, untilMs: number, interval: '1m' | '1h' = '1m') =>
    feed.past?.(instrument, { interval, fromMs, untilMs }) ?? Promise.resolve([]);
  return { past, stats };
};

test('[M184] a simulated market has a past day of minutes, which its statistics sum up', async () => {
  const startMs = 1_700_000_000_000;
  const nowMinute = Math.floor(startMs / minute) * minute;
  const { past, stats } = await startedAt(startMs);
  const bars = await past(0, nowMinute);
  expect(bars.map(({ start }) => start)).toEqual(bars.map((_, at) => nowMinute - (1_439 - at) * minute));
  expect(bars).toHaveLength(1_439);
  const volume = emptySum();
  for (const [at, bar] of bars.entries()) {
    expect(channelMessageSchemas.Bar.parse(bar)).toEqual(bar);
    if (at > 0) expect(bar.open).toBe(bars[at - 1]?.close);
    addDecimal(volume, bar.volume);
  }
  const highs = bars.map(({ high }) => high).sort(compareDecimals);
  const lows = bars.map(({ low }) => low).sort(compareDecimals);
  expect(stats).toMatchObject({ open24h: bars[0]?.open, high24h: highs.at(-1), low24h: lows[0] });
  expect(stats['volume24h']).toBe(formatSum(volume));
});

test('[M184] it follows from seed and start, whatever is requested and whichever symbols there are', async () => {
  const startMs = 1_700_000_000_000;
  const whole = await (await startedAt(startMs)).past(0, startMs);
  const { past } = await startedAt(startMs, ['ETH-USD', 'BTC-USD']);
  const part = await past(startMs - 100 * minute, startMs - 10 * minute);
  expect(part).toHaveLength(90);
  expect(part).toEqual(whole.filter(({ start }) => part.some((bar) => bar.start === start)));
  expect(await past(0, startMs, '1h')).toEqual([]);
});
