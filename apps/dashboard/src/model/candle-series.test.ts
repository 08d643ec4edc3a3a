import { describe, expect, it } from '@jest/globals';
import type { Bar } from '@tickwire/protocol';
import { createRandom } from '@tickwire/protocol/testing';
import { testSeed } from '../../../../tests/support/depth.js';
import { createCandleSeries, isPresent, logicalAt } from './candle-series.js';

const bar = (second: number, fields: Partial<Bar> = {}): Bar => ({
  type: 'price.bar',
  venue: 'sim',
  symbol: 'BTC-USD',
  ts: second * 1_000,
  rts: second * 1_000,
  interval: '1s',
  start: second * 1_000,
  open: '1',
  high: '2',
  low: '0.5',
  close: '1.5',
  volume: '3',
  quoteVolume: '4',
  trades: 1,
  closed: true,
  ...fields,
});
const secondsOf = (maxCandles = 100, ...bars: Bar[]) => {
  const series = createCandleSeries({ intervalMs: 1_000, maxCandles });
  for (const each of bars) series.add(each);
  return series;
};
const starts = (series: ReturnType<typeof secondsOf>) => series.candles.map(({ start }) => start / 1_000);

describe('candles', () => {
  it('[D5] take bars as numbers', () => {
    expect(secondsOf(9, bar(7, { incomplete: true })).last).toEqual({
      start: 7_000,
      open: 1,
      high: 2,
      low: 0.5,
      close: 1.5,
      volume: 3,
      trades: 1,
      isClosed: true,
      isIncomplete: true,
    });
  });

  it('[D5] an open one grows, a closed one is final', () => {
    const series = secondsOf(9, bar(1, { closed: false, trades: 3, close: '3' }));
    series.add(bar(1, { closed: false, trades: 2, close: '2' }));
    expect(series.last?.close).toBe(3);
    series.add(bar(1, { trades: 4, close: '4' }));
    series.add(bar(1, { closed: false, trades: 9, close: '9' }));
    expect(series.last).toMatchObject({ close: 4, isClosed: true });
    expect(series.candles.length).toBe(1);
  });

  it('[D5] a closed one may still be marked as lacking trades, in either order', () => {
    const complete = bar(1, { trades: 0 });
    const incomplete = bar(1, { trades: 0, incomplete: true });
    for (const bars of [
      [complete, incomplete],
      [incomplete, complete],
    ])
      expect(secondsOf(9, ...bars, bar(2)).candles[0]).toMatchObject({ isClosed: true, isIncomplete: true });
  });

  it('[D5] one that lacked trades may come as the venue has it, in either order', () => {
    const incomplete = bar(1, { trades: 2, incomplete: true });
    const whole = bar(1, { trades: 5, source: 'venue' });
    for (const bars of [
      [incomplete, whole],
      [whole, incomplete],
    ])
      expect(secondsOf(9, ...bars, bar(2)).candles[0]).toMatchObject({ trades: 5, isIncomplete: false });
  });

  it('[D5] the order in which bars come does not matter', () => {
    const seed = testSeed;
    const random = createRandom(seed).next;
    const bars = Array.from({ length: 60 }, (_, i) => [
      bar(i, { closed: false, trades: 1, close: '1' }),
      bar(i, { closed: false, trades: 2, close: '2' }),
      bar(i, { trades: 2, close: '3' }),
    ]).flat();
    const shuffled = [...bars, ...bars].map((each) => ({ each, key: random() })).sort((a, b) => a.key - b.key);
    const series = secondsOf(100, ...shuffled.map(({ each }) => each));
    expect({ seed, candles: series.candles }).toEqual({ seed, candles: secondsOf(100, ...bars).candles });
  });

  it('[D5] a drawing has to begin anew only when something changed before the end', () => {
    const series = secondsOf(9, bar(1), bar(2));
    const { revision } = series;
    series.add(bar(3, { closed: false }));
    series.add(bar(3));
    series.add(bar(4));
    series.add(bar(2));
    expect(series.revision).toBe(revision);
    series.add(bar(0));
    expect(series.revision).toBe(revision + 1);
  });

  it('[D5] no more are kept than asked for, give or take a tenth', () => {
    const series = secondsOf(100, ...Array.from({ length: 1_000 }, (_, i) => bar(i)));
    expect(series.candles.length).toBeLessThanOrEqual(110);
    expect(series.last?.start).toBe(999_000);
  });

  it('[D6] holes are known', () => {
    expect(secondsOf(9, bar(1), bar(2), bar(5), bar(6)).missing()).toEqual([3_000, 4_000]);
    const series = secondsOf(9, bar(1), bar(2));
    expect(series.missing()).toEqual([]);
    series.clear();
    expect(starts(series)).toEqual([]);
  });

  it('[D106] the last close is the price of now until a later trade is known', () => {
    const series = secondsOf(9, bar(60));
    const isNow = (lastTradeMs?: number): boolean => isPresent(series, 60_000, lastTradeMs);
    expect([isNow(), isNow(119_000), isNow(121_000), isNow(150_000)]).toEqual([true, true, true, false]);
    series.clear();
    expect(isNow(150_000)).toBe(true);
  });

  it('[D7] the end of a candle is its place on the axis, and moments between ends lie between', () => {
    const series = secondsOf(9, bar(10), bar(11), bar(12), bar(15));
    const at = (ms: number) => logicalAt(series.candles, series.indexAt, ms, 1_000);
    expect([11_000, 11_500, 12_000, 13_000].map(at)).toEqual([0, 0.5, 1, 2]);
    // Seconds 13 and 14 have no candle: the axis has no room for them.
    expect([14_500, 16_000].map(at)).toEqual([2.5, 3]);
    expect([9_000, 20_000].map(at)).toEqual([-2, 7]);
  });
});
