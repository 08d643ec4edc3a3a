import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../testing/random.js';
import { type BarPart, foldBars, partOf } from './fold-bars.js';
import { isPeriodName, longestPart, type PeriodName, periodOf } from './period.js';

const minute = 60_000;
const at = (text: string): number => Date.parse(text);
const text = ({ start, end }: { readonly start: number; readonly end: number }): readonly string[] =>
  [start, end].map((ms) => new Date(ms).toISOString().slice(0, 16));

const part = (start: number, more: Partial<BarPart> = {}): BarPart => ({
  start: start * minute,
  end: (start + 1) * minute,
  ts: start * minute + 5,
  rts: start * minute + 6,
  open: '2',
  high: '2',
  low: '2',
  close: '2',
  volume: '1',
  quoteVolume: '2',
  trades: 1,
  closed: true,
  takerBuyVolume: '0.5',
  takerBuyQuoteVolume: '1',
  ...more,
});
const empty = (start: number, price: string): BarPart =>
  part(start, {
    open: price,
    high: price,
    low: price,
    close: price,
    volume: '0',
    quoteVolume: '0',
    trades: 0,
    takerBuyVolume: '0',
    takerBuyQuoteVolume: '0',
  });
const fiveMinutes = { start: 0, end: 5 * minute };

describe('periods', () => {
  test.each<[PeriodName, string, string, string]>([
    ['1s', '2026-11-27T12:34:56.789Z', '2026-11-27T12:34', '2026-11-27T12:34'],
    ['3m', '2026-11-27T12:34:56Z', '2026-11-27T12:33', '2026-11-27T12:36'],
    ['8h', '2026-11-27T12:34:56Z', '2026-11-27T08:00', '2026-11-27T16:00'],
    ['1d', '2026-11-27T00:00:00Z', '2026-11-27T00:00', '2026-11-28T00:00'],
    ['1w', '2026-11-30T00:00:00Z', '2026-11-30T00:00', '2026-12-07T00:00'],
    ['1w', '2026-11-29T23:59:59Z', '2026-11-23T00:00', '2026-11-30T00:00'],
    ['1M', '2026-12-31T23:59:59Z', '2026-12-01T00:00', '2027-01-01T00:00'],
    ['1M', '2028-02-29T12:00:00Z', '2028-02-01T00:00', '2028-03-01T00:00'],
  ])('[G155] %s at %s', (name, moment, start, end) => {
    expect(text(periodOf(name, at(moment)))).toEqual([start, end]);
  });

  test('[G155] a zone moves midnight', () => {
    const moment = at('2026-11-30T20:00:00Z');
    const east = 8 * 60 * minute;
    expect(text(periodOf('1d', moment, east))).toEqual(['2026-11-30T16:00', '2026-12-01T16:00']);
    expect(text(periodOf('1M', moment, east))).toEqual(['2026-11-30T16:00', '2026-12-31T16:00']);
    expect(text(periodOf('1h', moment, 345 * minute))).toEqual(['2026-11-30T19:15', '2026-11-30T20:15']);
  });

  test('[G155] the longest part is one that fits whole, in the zone too', () => {
    const names = ['1s', '1m', '5m', '1h', '1d'] as const;
    const found = (['1s', '3m', '15m', '12h', '1d', '1w', '1M'] as const).map((name) => longestPart(name, names));
    expect(found).toEqual(['1s', '1m', '5m', '1h', '1d', '1d', '1d']);
    expect(longestPart('1d', names, 60 * minute)).toBe('1h');
    expect(longestPart('1d', names, 345 * minute)).toBe('5m');
    expect(longestPart('1s', ['1m'])).toBeUndefined();
    expect(['1M', '1m', '7m', 'toString', ''].map(isPeriodName)).toEqual([true, true, false, false, false]);
  });
});

describe('folding bars', () => {
  test('[G156] first open, last close, extremes and exact sums', () => {
    const parts = [
      part(0, { open: '10', high: '12.5', low: '9.9', close: '11', volume: '0.1', quoteVolume: '1.1' }),
      part(1, { open: '11', high: '100', low: '11', close: '11.50', volume: '0.2', quoteVolume: '2.2', trades: 3 }),
      part(2, { open: '11.50', high: '12', low: '1.0', close: '2', volume: '0.3', closed: false, incomplete: true }),
    ] as const;
    expect(foldBars(parts, fiveMinutes)).toEqual({
      start: 0,
      end: 3 * minute,
      ts: 2 * minute + 5,
      rts: 2 * minute + 6,
      open: '10',
      high: '100',
      low: '1.0',
      close: '2',
      volume: '0.6',
      quoteVolume: '5.3',
      trades: 5,
      takerBuyVolume: '1.5',
      takerBuyQuoteVolume: '3',
      closed: false,
      incomplete: true,
    });
  });

  test('[G156] a bar without trades gives no price if another has one, and carries it if none has', () => {
    const folded = foldBars([empty(0, '500'), part(1), empty(2, '2')], fiveMinutes);
    expect(folded).toMatchObject({ open: '2', high: '2', low: '2', close: '2', trades: 1, volume: '1' });
    const quiet = foldBars([empty(0, '500'), empty(1, '500')], fiveMinutes);
    expect(quiet).toMatchObject({ open: '500', high: '500', low: '500', close: '500', trades: 0, volume: '0' });
    const uncounted = foldBars([empty(0, '500'), part(1, { trades: 0 })], fiveMinutes);
    expect(uncounted).toMatchObject({ open: '2', trades: 0, volume: '1' });
  });

  test('[G156] closed at the end of the period; incomplete if bars are missing', () => {
    const whole = [part(0), part(1), part(2), part(3), part(4)] as const;
    expect(foldBars(whole, fiveMinutes)).toMatchObject({ closed: true, end: 5 * minute });
    expect(foldBars(whole, fiveMinutes)).not.toHaveProperty('incomplete');
    expect(foldBars([part(0), part(1)], fiveMinutes)).toMatchObject({ closed: false });
    expect(foldBars([part(0), part(2)], fiveMinutes)).toMatchObject({ incomplete: true });
    expect(foldBars([part(1), part(2)], fiveMinutes)).toMatchObject({ incomplete: true, start: 0 });
  });

  test('[G156] volumes of takers are known if all bars with trades have them', () => {
    const { takerBuyVolume: _, ...unknown } = part(1);
    expect(foldBars([part(0), unknown], fiveMinutes)).not.toHaveProperty('takerBuyVolume');
    const { takerBuyVolume: __, ...quiet } = empty(1, '2');
    expect(foldBars([part(0), quiet], fiveMinutes)).toMatchObject({ takerBuyVolume: '0.5' });
  });

  test('[G156] all at once or part by part gives the same result', () => {
    const random = createRandom(7);
    const price = (): string => (1 + random.next() * 100).toFixed(9);
    for (let round = 0; round < 200; round += 1) {
      const parts = Array.from({ length: 5 }, (_, start) =>
        random.next() < 0.3
          ? empty(start, price())
          : part(start, { open: price(), close: price(), high: price(), low: price(), volume: price() }),
      ).filter(() => random.next() < 0.9);
      const [first, ...rest] = parts;
      if (first === undefined) continue;
      let folded = foldBars([first], fiveMinutes);
      for (const next of rest) folded = foldBars([folded, next], fiveMinutes);
      expect(folded).toEqual(foldBars([first, ...rest], fiveMinutes));
    }
  });

  test('[G156] a bar is a part of the bar it is folded into', () => {
    const header = { type: 'price.bar', venue: 'sim', symbol: 'BTC-USD', interval: '1m' } as const;
    const { end, ...figures } = part(3);
    expect(partOf({ ...header, ...figures })).toMatchObject({ start: 3 * minute, end });
  });
});
