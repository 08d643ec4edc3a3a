import { describe, expect, it } from '@jest/globals';
import { decodeFloats, encodeFloats } from './snapshot-codec.js';
import { createSymbolForecaster, type SymbolForecaster, type SymbolSnapshot } from './symbol-forecaster.js';
import { garchPath } from './testing/series.js';

/** The format of version 1, with six memories in its bank. */
const asVersion1 = ({ state, ...rest }: SymbolSnapshot, members: number): unknown => {
  const { volatility, horizons } = state;
  const shortened = (text: string): string => {
    const all = new Float64Array(members);
    decodeFloats(text, all, 'members');
    return encodeFloats(all.slice(-6));
  };
  return {
    ...rest,
    version: 1,
    state: {
      ...state,
      volatility: { sums: shortened(volatility.sums), weights: shortened(volatility.weights) },
      horizons: horizons.map(({ horizon: { mixer, calibration, pending, ...horizon }, ...scored }) => ({
        ...scored,
        horizon: { ...horizon, losses: mixer, factors: calibration.slow, pending },
      })),
    },
  };
};

const walk = (forecaster: SymbolForecaster, prices: readonly number[]) =>
  prices.map((price) => forecaster.step({ price }));

describe('snapshot of version 1', () => {
  const prices = garchPath({ steps: 1500, seed: 61, sigma: 4e-4 });

  it('[F62] on seconds it continues bit for bit', () => {
    const options = { gridMs: 1000, horizonsSeconds: [1, 10], tickSize: 0.01 };
    const [one, other] = [createSymbolForecaster(options), createSymbolForecaster(options)];
    walk(one, prices.slice(0, 1000));
    other.restore(JSON.parse(JSON.stringify(asVersion1(one.snapshot(), 6))));
    expect(walk(other, prices.slice(1000))).toEqual(walk(one, prices.slice(1000)));
    expect(other.scores()).toEqual(one.scores());
  });

  it('[F62] on minutes forecasts continue at once, near the expected ones, and pending ones stay unresolved', () => {
    const options = { gridMs: 60_000, horizonsSeconds: [60, 300], tickSize: 0.01 };
    const [one, other] = [createSymbolForecaster(options), createSymbolForecaster(options)];
    walk(one, prices.slice(0, 1000));
    other.restore(JSON.parse(JSON.stringify(asVersion1(one.snapshot(), 8))));
    const before = other.scores().map(({ n }) => n);
    const [made] = walk(other, prices.slice(1000, 1001));
    const [expected] = walk(one, prices.slice(1000, 1001));
    if (made?.kind !== 'forecast' || expected?.kind !== 'forecast') throw new Error('expected forecasts');
    made.horizons.forEach(({ sigma, levels }, i) => {
      expect(sigma / (expected.horizons[i]?.sigma ?? 0)).toBeGreaterThan(0.6);
      expect(sigma / (expected.horizons[i]?.sigma ?? 0)).toBeLessThan(1.7);
      expect(levels[90][1]).toBeGreaterThan(levels[80][1]);
    });
    expect(other.scores().map(({ n }) => n)).toEqual(before);
    expect(other.scores().map(({ unresolved }) => unresolved)).toEqual([1, 5]);
    walk(other, prices.slice(1001, 1500));
    expect(other.scores().map(({ n }, i) => n - (before[i] as number))).toEqual([499, 495]);
  });
});
