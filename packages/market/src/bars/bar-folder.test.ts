import { describe, expect, test } from '@jest/globals';
import { type Bar, type BarPart, foldBars, partOf, periodOf } from '@tickwire/protocol';
import { testSeed } from '../../../../tests/support/depth.js';
import { createRandom } from '../simulated/random.js';
import { createBarFolder } from './bar-folder.js';

const minute = 60_000;
const instrument = { venue: 'sim', symbol: 'BTC-USD' };
const header = { type: 'price.bar', ...instrument, interval: '1m' } as const;

const bar = (at: number, price: string, more: Partial<Bar> = {}): Bar => ({
  ...header,
  start: at * minute,
  ts: at * minute + 1,
  rts: at * minute + 2,
  trades: 1,
  closed: true,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '0.1',
  quoteVolume: '1',
  ...more,
});

const folder = (interval: Bar['interval'] = '5m') => createBarFolder({ ...instrument, interval });
const outline = (bars: readonly Bar[]) =>
  bars.map(({ start, trades, incomplete }) => [start / minute, trades, incomplete ?? false]);

describe('longer bars', () => {
  test('[M170] sum up the shorter ones, and close with the last of them', () => {
    const bars = folder();
    const prices = ['5', '7.5', '3', '4'];
    expect(prices.flatMap((price, at) => bars.add(bar(at, price)))).toEqual([]);
    expect(bars.add(bar(4, '6.25'))).toEqual([
      {
        ...header,
        interval: '5m',
        start: 0,
        ts: 4 * minute + 1,
        rts: 4 * minute + 2,
        trades: 5,
        closed: true,
        open: '5',
        high: '7.5',
        low: '3',
        close: '6.25',
        volume: '0.5',
        quoteVolume: '5',
      },
    ]);
    expect(bars.add(bar(5, '1'))).toEqual([]);
  });

  test(`[M170] equal a fold of each whole period, for every interval (seed ${testSeed})`, () => {
    const random = createRandom(String(testSeed));
    for (const interval of ['5m', '15m', '1h'] as const) {
      const minutes = Array.from({ length: 240 }, (_, at) =>
        bar(at, String(1 + Math.floor(random.uniform() * 100)), { trades: Math.floor(random.uniform() * 3) }),
      );
      const bars = folder(interval);
      const found = minutes.flatMap((each) => bars.add(each));
      const starts = [...new Set(minutes.map(({ start }) => periodOf(interval, start).start))];
      const expected = starts.map((start) => {
        const period = periodOf(interval, start);
        const [first, ...rest] = minutes.filter((each) => each.start >= period.start && each.start < period.end);
        const { end: _, ...figures } = foldBars(
          [first, ...rest].map((each) => partOf(each as Bar)) as [BarPart],
          period,
        );
        return { ...header, interval, ...figures };
      });
      expect(found).toEqual(expected);
    }
  });

  test('[M171] are incomplete if a shorter one is, or is missing; one that is cut short closes when a later one comes', () => {
    const bars = folder();
    const begun = [3, 4, 5, 6, 7].flatMap((at) => bars.add(bar(at, '1')));
    expect(outline(begun)).toEqual([[0, 2, true]]);
    expect(outline(bars.add(bar(11, '1')))).toEqual([[5, 3, true]]);
    const marked = [10, 12, 13].flatMap((at) => bars.add(bar(at, '1')));
    expect(marked).toEqual([]);
    expect(outline(bars.add(bar(14, '1', { incomplete: true })))).toEqual([[10, 5, true]]);
  });

  test('[M172] come again if a shorter one does, and only if that changes them', () => {
    const bars = folder();
    const closed = [0, 1, 2, 3, 4, 5].flatMap((at) => bars.add(bar(at, '1', at === 2 ? { incomplete: true } : {})));
    expect(outline(closed)).toEqual([[0, 5, true]]);
    expect(bars.add(bar(3, '1'))).toEqual([]);
    const whole = bars.add(bar(2, '9', { trades: 7, source: 'venue' }));
    expect(outline(whole)).toEqual([[0, 11, false]]);
    expect(whole[0]).toMatchObject({ high: '9', source: 'venue' });
    for (let at = 6; at < 30; at += 1) bars.add(bar(at, '1'));
    expect(bars.add(bar(2, '10', { trades: 8 }))).toEqual([]);
  });

  test('[M173] show the open one as it grows, at most once in updateMs', () => {
    const bars = folder();
    expect(bars.flush(0)).toEqual([]);
    bars.add(bar(0, '2'));
    bars.add(bar(1, '3', { closed: false }));
    expect(bars.flush(1_000)).toMatchObject([{ start: 0, trades: 2, high: '3', closed: false, interval: '5m' }]);
    bars.add(bar(1, '4', { closed: false, trades: 2 }));
    expect(bars.flush(1_999)).toEqual([]);
    expect(bars.flush(2_000)).toMatchObject([{ trades: 3, close: '4', closed: false }]);
    expect(bars.flush(9_000)).toEqual([]);
    bars.add(bar(1, '4', { trades: 2 }));
    expect(bars.flush(10_000)).toMatchObject([{ trades: 3, close: '4', closed: false }]);
  });

  test('[M173] an open bar of the next period shows before this one is closed', () => {
    const bars = folder();
    for (const at of [0, 1, 2, 3]) bars.add(bar(at, '1'));
    bars.add(bar(5, '8', { closed: false }));
    expect(bars.flush(1_000)).toMatchObject([{ start: 5 * minute, open: '8', closed: false }]);
    expect(outline(bars.add(bar(4, '1')))).toEqual([[0, 5, false]]);
    // A late update of a closed bar is ignored.
    bars.add(bar(4, '9', { closed: false }));
    expect(bars.add(bar(5, '8'))).toEqual([]);
  });
});
