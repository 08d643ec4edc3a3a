import { describe, expect, it } from '@jest/globals';
import { levels } from './levels.js';
import { createSymbolForecaster, type GridSample, type SymbolStep } from './symbol-forecaster.js';
import { createNormal, createRandom } from './testing/series.js';

/**
 * Describes what is unsound about a step; undefined if nothing is. Strings are compared because that keeps the test
 * quick.
 */
const faultOf = (step: SymbolStep): string | undefined => {
  if (step.kind === 'withheld') return undefined;
  for (const { seconds, sigma, center, levels: intervals } of step.horizons) {
    if (!(sigma > 0 && sigma < Infinity)) return `sigma ${sigma} at ${seconds} s`;
    let [innerLow, innerHigh] = [center, center];
    for (const level of levels) {
      const [low, high] = intervals[level];
      if (!(low > 0 && low <= innerLow && high >= innerHigh && high < Infinity && low < high)) {
        return `${level} % interval from ${low} to ${high} about ${center} at ${seconds} s`;
      }
      [innerLow, innerHigh] = [low, high];
    }
  }
  return undefined;
};

/** A market that trades on a tick, pauses, halts, prints nonsense and jumps, as the seed decides. */
const oddMarket = (seed: number, start: number, steps: number): (GridSample | null)[] => {
  const random = createRandom(seed);
  const normal = createNormal(random);
  const tick = start * 10 ** (-1 - Math.floor(random() * 6));
  const sigma = 10 ** (-6 + 4 * random());
  let price = start;
  let mode = 'awake';
  return Array.from({ length: steps }, (_, step) => {
    if (step % 100 === 0) mode = ['awake', 'asleep', 'silent', 'wild', 'awake'][Math.floor(random() * 5)] as string;
    if (mode === 'silent') return random() < 0.9 ? null : { price };
    if (mode !== 'asleep') price *= Math.exp((mode === 'wild' ? 0.02 : sigma) * normal());
    const traded = Math.max(tick, Math.round(price / tick) * tick);
    // A tick that is guessed from few prices is too coarse at first.
    const tickSize = step < 150 ? tick * 100 : tick;
    const chance = random();
    if (chance < 0.002) return { price: traded * 10, tickSize };
    if (chance < 0.004) return { price: [0, -1, Number.NaN, Infinity][Math.floor(random() * 4)] as number };
    return { price: traded, tickSize, bidSize: random(), askSize: mode === 'asleep' ? 0 : random() };
  });
};

describe('odd markets', () => {
  it.each([1e-8, 1.2e-8, 0.5, 1, 60_000, 1.6e9])('[F64] intervals are sound about prices near %d', (start) => {
    for (const gridMs of [1000, 60_000]) {
      for (const seed of [1, 2, 3]) {
        const forecaster = createSymbolForecaster({
          gridMs,
          horizonsSeconds: [1, 10, 60].map((h) => (h * gridMs) / 1e3),
        });
        const steps = oddMarket(seed, start, 3000).map((sample) => forecaster.step(sample));
        expect(steps.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
        expect(steps.filter(({ kind }) => kind === 'forecast').length).toBeGreaterThan(1000);
        for (const { crps, levels } of forecaster.scores()) {
          expect([crps, levels[95].intervalScore].every(Number.isFinite)).toBe(true);
        }
      }
    }
  });

  it('[F64] moves that grow as fast as the guard allows keep intervals finite', () => {
    for (const gridMs of [1000, 60_000]) {
      const forecaster = createSymbolForecaster({ gridMs, horizonsSeconds: [gridMs / 1e3, (10 * gridMs) / 1e3] });
      let move = 0.02;
      const steps = Array.from({ length: 300 }, (_, step) => {
        if (step > 150) move = Math.min(move * 1.5, 300);
        return forecaster.step({ price: Math.exp(step % 2 === 0 ? move : -move) });
      });
      expect(steps.at(-1)?.kind).toBe('forecast');
      expect(steps.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
    }
  });

  it('[F65] a finer tick is the lower limit of sigma from its step on', () => {
    const forecaster = createSymbolForecaster({ gridMs: 1000, horizonsSeconds: [1], tickSize: 1 });
    const sigmaAt = (tickSize?: number): number => {
      const step = forecaster.step({ price: 2, ...(tickSize !== undefined && { tickSize }) });
      return step.kind === 'forecast' ? (step.horizons[0]?.sigma ?? 0) : 0;
    };
    for (let step = 0; step < 150; step++) sigmaAt();
    expect(sigmaAt()).toBeCloseTo(0.5, 12);
    expect(sigmaAt(0.001)).toBeCloseTo(0.0005, 12);
  });
});
