import { describe, expect, it } from '@jest/globals';
import { instrument, kept, start, walk } from '../testing/forecast-walk.js';
import { createForecasting } from './forecasting.js';

describe('forecasts over restarts', () => {
  it('[P16] go on where they stopped, bit for bit, when nothing was missed', () => {
    const first = createForecasting(instrument);
    walk(first, { from: 0, to: 200 });
    const second = createForecasting(instrument);
    expect(second.restore(kept(first), start + 200_000)).toBeUndefined();
    expect(walk(second, { from: 200, to: 230 })).toEqual(walk(first, { from: 200, to: 230 }));
  });

  it('[P16] count what nobody watched as missed, and come at once', () => {
    const first = createForecasting(instrument);
    walk(first, { from: 0, to: 200 });
    const second = createForecasting(instrument);
    expect(second.restore(kept(first), start + 240_000)).toBeUndefined();
    const [forecast] = walk(second, { from: 240, to: 242 });
    expect(forecast?.horizons.map(({ seconds }) => seconds)).toEqual([1, 10, 60, 300]);
    expect(forecast?.horizons[0]?.scores.n).toBeGreaterThan(50);
  });

  it('[P110] come at once also where the clock was set back by two hours in between', () => {
    const first = createForecasting(instrument);
    const before = walk(first, { from: 0, to: 200 });
    const second = createForecasting(instrument);
    expect(second.restore(kept(first), start + 200_000 - 7_200_000)).toBeUndefined();
    const made = walk(second, { from: 200, to: 203, offMs: () => -7_200_000 });
    expect(made.map(({ rts }) => rts - start)).toEqual([200, 201, 202].map((s) => s * 1_000 - 7_200_000));
    // None of those pending was answered by a price of which nobody knows how late it is.
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
      'it is of more than a day ago or ahead',
    ],
  ])('[P112] begin anew with %s, and say why', (_name, snapshot, reason) => {
    const forecasting = createForecasting(instrument);
    expect(forecasting.restore(snapshot, start + 1_000)).toContain(reason);
    expect(walk(forecasting, { from: 0, to: 120 }).length).toBeGreaterThan(10);
  });

  it('[P112] what is restored after the first step changes nothing', () => {
    const [first, second] = [createForecasting(instrument), createForecasting(instrument)];
    for (const each of [first, second]) walk(each, { from: 0, to: 150 });
    const later = createForecasting(instrument);
    walk(later, { from: 0, to: 300 });
    expect(first.restore(kept(later), start + 300_000)).toBe('the forecasts have begun');
    expect(walk(first, { from: 150, to: 160 })).toEqual(walk(second, { from: 150, to: 160 }));
  });
});
