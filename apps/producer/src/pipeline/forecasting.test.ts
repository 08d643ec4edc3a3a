import { describe, expect, it } from '@jest/globals';
import type { Forecast } from '@tickwire/protocol';
import { createForecasting, type Forecasting } from './forecasting.js';

const start = Date.UTC(2024, 7, 9);
const instrument = { venue: 'sim', symbol: 'BTC-USD' };

/** A price that wanders the same way every time. */
const priceAt = (second: number): string => (60_000 + 10 * Math.sin(second * 1.7) + (second % 7)).toFixed(2);

const walk = (forecasting: Forecasting, from: number, to: number): Forecast[] => {
  const made: Forecast[] = [];
  for (let second = from; second < to; second += 1) {
    const at = start + second * 1_000;
    const ticker = { last: priceAt(second) };
    const forecast = forecasting.advance(at, { ticker, quote: undefined, isLive: true, ts: at });
    if (forecast !== undefined) made.push(forecast);
  }
  return made;
};

describe('forecasting', () => {
  it('[P16] goes on after a restart where it stopped, bit for bit, when nothing was missed', () => {
    const first = createForecasting(instrument);
    walk(first, 0, 200);
    const snapshot: unknown = JSON.parse(JSON.stringify(first.snapshot()));
    const second = createForecasting(instrument);
    expect(second.restore(snapshot, start + 200_000)).toBe(true);
    expect(walk(second, 200, 230)).toEqual(walk(first, 200, 230));
  });

  it('[P16] counts what it did not watch as missed, and forecasts at once', () => {
    const first = createForecasting(instrument);
    walk(first, 0, 200);
    const second = createForecasting(instrument);
    expect(second.restore(JSON.parse(JSON.stringify(first.snapshot())), start + 240_000)).toBe(true);
    const [forecast] = walk(second, 240, 242);
    expect(forecast?.horizons.map(({ seconds }) => seconds)).toEqual([1, 10, 60, 300]);
    expect(forecast?.horizons[0]?.scores.n).toBeGreaterThan(50);
  });

  it.each([
    ['nothing', undefined],
    ['another version', { version: 2 }],
    ['broken state', { version: 1, decimals: 2, nextSecond: start, seconds: {}, minutes: {} }],
    ['prototype keys', JSON.parse('{"__proto__": {"version": 1}}') as unknown],
    ['one from the future', { version: 1, decimals: 2, nextSecond: start + 1e9, seconds: {}, minutes: {} }],
  ])('[P16] begins afresh with %s', (_name, snapshot) => {
    const forecasting = createForecasting(instrument);
    expect(forecasting.restore(snapshot, start + 1_000)).toBe(false);
    expect(walk(forecasting, 0, 120).length).toBeGreaterThan(10);
  });
});
