import { describe, expect, it } from '@jest/globals';
import { instrument, kept, priceAt, start, walk } from '../testing/forecast-walk.js';
import { createForecasting } from './forecasting.js';

describe('forecasts over restarts', () => {
  it('[P16] continue where they stopped, bit for bit, if nothing was missed', () => {
    const first = createForecasting(instrument);
    walk(first, { from: 0, to: 200 });
    const second = createForecasting(instrument);
    expect(second.restore(kept(first), start + 200_000)).toBeUndefined();
    expect(walk(second, { from: 200, to: 230 })).toEqual(walk(first, { from: 200, to: 230 }));
  });

  it('[P16] count time without a producer as missed, and come at once', () => {
    const first = createForecasting(instrument);
    walk(first, { from: 0, to: 200 });
    const second = createForecasting(instrument);
    expect(second.restore(kept(first), start + 240_000)).toBeUndefined();
    const [forecast] = walk(second, { from: 240, to: 242 });
    expect(forecast?.horizons.map(({ seconds }) => seconds)).toEqual([1, 10, 60, 300]);
    expect(forecast?.horizons[0]?.scores.n).toBeGreaterThan(50);
  });

  it('[P110] come at once even if the clock was set back by two hours in between', () => {
    const first = createForecasting(instrument);
    const before = walk(first, { from: 0, to: 200 });
    const second = createForecasting(instrument);
    expect(second.restore(kept(first), start + 200_000 - 7_200_000)).toBeUndefined();
    const made = walk(second, { from: 200, to: 203, offMs: () => -7_200_000 });
    expect(made.map(({ rts }) => rts - start)).toEqual([200, 201, 202].map((s) => s * 1_000 - 7_200_000));
    // No pending forecast was resolved with a price of unknown delay.
    expect(made[0]?.horizons[0]?.scores.n).toBe(before.at(-1)?.horizons[0]?.scores.n);
  });

  it.each([
    ['nothing', undefined, 'it has another form'],
    ['another version', { version: 2 }, 'it has another form (version'],
    ['broken state', { version: 1, decimals: 2, nextSecond: start, seconds: {}, minutes: {} }, 'snapshot version'],
    ['prototype keys', JSON.parse('{"__proto__": {"version": 1}}') as unknown, 'it has another form'],
    [
      'one from the future',
      { version: 1, decimals: 2, nextSecond: start + 1e9, seconds: {}, minutes: {} },
      'it is more than a day old, or ahead',
    ],
  ])('[P112] begin anew with %s, and say why', (_name, snapshot, reason) => {
    const forecasting = createForecasting(instrument);
    expect(forecasting.restore(snapshot, start + 1_000)).toContain(reason);
    expect(walk(forecasting, { from: 0, to: 120 }).length).toBeGreaterThan(10);
  });

  it('[P112] are not changed by state restored after the first step', () => {
    const [first, second] = [createForecasting(instrument), createForecasting(instrument)];
    for (const each of [first, second]) walk(each, { from: 0, to: 150 });
    const later = createForecasting(instrument);
    walk(later, { from: 0, to: 300 });
    expect(first.restore(kept(later), start + 300_000)).toBe('the forecasts have begun');
    expect(walk(first, { from: 150, to: 160 })).toEqual(walk(second, { from: 150, to: 160 }));
  });
});

describe('forecasts that begin with the past', () => {
  const minuteMs = 60_000;
  const past = (untilMs: number, count = 300) =>
    Array.from({ length: count }, (_, at) => ({
      start: untilMs - (count - at) * minuteMs,
      close: priceAt(at),
      trades: 5,
    }));

  it('[P157] have intervals for every horizon of minutes from the first second, and those of seconds when they are ready', () => {
    const forecasting = createForecasting(instrument);
    forecasting.warm(past(start), start + 2_000);
    const made = walk(forecasting, { from: 3, to: 200 });
    expect(made).toHaveLength(197);
    expect(made[0]?.horizons.map(({ seconds }) => seconds)).toEqual([60, 300, 900]);
    for (const horizon of made[0]?.horizons ?? []) {
      const [low, high] = horizon.levels[90].map(Number);
      expect(high).toBeGreaterThan(low as number);
      expect(horizon.target).toBe(start + horizon.seconds * 1_000);
      expect(horizon.scores.n).toBeGreaterThan(50);
    }
    expect(made.at(-1)?.horizons.map(({ seconds }) => seconds)).toEqual([1, 10, 60, 300, 900]);
  });

  it('[P310] have scores from the first second too, and their number never falls', () => {
    const forecasting = createForecasting(instrument);
    forecasting.warm(past(start), start + 2_000);
    const known = new Map<number, number>();
    for (const { horizons } of walk(forecasting, { from: 3, to: 700 })) {
      for (const { seconds, scores } of horizons.filter(({ seconds }) => seconds >= 60)) {
        expect(scores.coverage90).not.toBeNull();
        expect(scores.n).toBeGreaterThanOrEqual(known.get(seconds) ?? 100);
        known.set(seconds, scores.n);
      }
    }
    // By now the finer grid has more outcomes of a minute, but not of five.
    expect([...known.keys()]).toEqual([60, 300, 900]);
    expect(known.get(60)).toBeGreaterThan(500);
    expect(known.get(300)).toBeLessThan(300);
  });

  it('[P157] do so also when the past comes a little later', () => {
    const forecasting = createForecasting(instrument);
    expect(walk(forecasting, { from: 3, to: 8 })).toEqual([]);
    forecasting.warm(past(start), start + 8_000);
    expect(walk(forecasting, { from: 8, to: 10 })).toHaveLength(2);
  });

  it('[P157] count minutes without observations as a gap, and ignore the past if they know more themselves', () => {
    const late = createForecasting(instrument);
    late.warm(past(start - 5 * minuteMs), start + 2_000);
    expect(walk(late, { from: 3, to: 50 })).toEqual([]);
    expect(walk(late, { from: 50, to: 65 }).length).toBeGreaterThan(0);
    const restored = createForecasting(instrument);
    const first = createForecasting(instrument);
    walk(first, { from: 0, to: 200 });
    restored.restore(kept(first), start + 200_000);
    restored.warm(past(start), start + 200_000);
    expect(walk(restored, { from: 200, to: 210 })).toEqual(walk(first, { from: 200, to: 210 }));
  });
});
