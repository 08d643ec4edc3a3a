import { expect, it } from '@jest/globals';
import type { FeedEvent } from '@tickwire/market';
import { type Bar, barIntervals, periodOf } from '@tickwire/protocol';
import { createInstrumentBars } from './instrument-bars.js';

const instrument = { venue: 'sim', symbol: 'BTC-USD' };
const midnight = Date.UTC(2026, 10, 27);
const secondMs = 1_000;
const dayMs = 86_400_000;

const trade = (ts: number): FeedEvent => ({
  kind: 'trade',
  trade: {
    ...instrument,
    type: 'price.trade',
    ts,
    rts: ts,
    id: String(ts),
    side: 'buy',
    price: String(100 + ((ts / secondMs) % 7)),
    size: '0.1',
  },
});

/** Bars of a day with a trade every minute. */
const aDay = (): readonly Bar[] => {
  const bars = createInstrumentBars(instrument);
  const reported: Bar[] = [];
  for (let ts = midnight; ts < midnight + dayMs; ts += 60 * secondMs) {
    reported.push(...bars.add(trade(ts), ts), ...bars.flush(ts + 1, ts + 1));
  }
  reported.push(...bars.flush(midnight + dayMs + 20_000, midnight + dayMs + 20_000));
  return reported;
};

it('[P153] there are bars of every interval, each once and in order, on the boundaries of UTC', () => {
  const closed = aDay().filter((bar) => bar.closed);
  const lengths = barIntervals.map((interval) => periodOf(interval, 0).end);
  for (const [at, interval] of barIntervals.entries()) {
    const length = lengths[at] as number;
    const mine = closed.filter((bar) => bar.interval === interval);
    // Bars of seconds are folded only at the end, because this test does not carry them through an hour.
    if (interval === '1s') continue;
    expect(mine.map(({ start }) => start)).toEqual(mine.map((_, index) => midnight + index * length));
    expect([interval, mine.length]).toEqual([interval, dayMs / length]);
    // The first bar may have begun before the first trade was seen.
    expect(mine.map(({ incomplete }) => incomplete ?? false)).toEqual(mine.map((_, index) => index === 0));
    expect(mine.every(({ trades }) => trades === length / (60 * secondMs))).toBe(true);
  }
});

it('[P153] longer ones are published as they grow, at most once a second', () => {
  const bars = createInstrumentBars(instrument);
  const reported: Bar[] = [];
  for (let ts = midnight; ts < midnight + 60_000; ts += 100) {
    reported.push(...bars.add(trade(ts), ts), ...bars.flush(ts, ts));
  }
  for (const interval of ['5m', '15m', '1h', '4h', '1d'] as const) {
    const mine = reported.filter((bar) => bar.interval === interval);
    expect(mine.every(({ closed }) => !closed)).toBe(true);
    expect(mine.length).toBeGreaterThan(50);
    expect(mine.length).toBeLessThanOrEqual(60);
    expect(mine.at(-1)?.trades).toBeGreaterThan(550);
  }
});

it('[P331] a minute of the venue without volumes of takers keeps ours if nothing was missed', () => {
  const bars = createInstrumentBars(instrument);
  const closed: Bar[] = [];
  for (let ts = midnight; ts < midnight + 240_000; ts += 10_000) closed.push(...bars.add(trade(ts), ts));
  const [first] = closed.filter((bar) => bar.interval === '1m' && bar.closed);
  if (first === undefined) throw new Error('no minute closed');
  expect([first.incomplete, first.takerBuyVolume, bars.lacking()]).toEqual([true, '0.6', [midnight]]);
  const { takerBuyVolume: _, takerBuyQuoteVolume: __, incomplete: ___, ...rest } = first;
  const ofVenue: Bar = { ...rest, trades: 1, quoteVolume: '1', volume: '0.60', source: 'venue' };
  const mend = (minute: Bar): Bar | undefined => bars.mend([minute])[0];
  const { incomplete: ____, ...whole } = first;
  expect(mend(ofVenue)).toEqual({ ...whole, volume: '0.60', source: 'venue' });

  const others = createInstrumentBars(instrument);
  for (let ts = midnight; ts < midnight + 240_000; ts += 10_000) others.add(trade(ts), ts);
  const missed = { ...ofVenue, volume: '0.7' };
  expect(others.mend([missed])[0]).toEqual(missed);
});
