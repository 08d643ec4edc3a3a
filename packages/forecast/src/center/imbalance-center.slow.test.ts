import { describe, expect, it } from '@jest/globals';
import { InvalidOption } from '../errors.js';
import { createSymbolForecaster } from '../symbol-forecaster.js';
import { createNormal, createRandom } from '../testing/series.js';
import { createImbalanceCenter, imbalanceOf } from './imbalance-center.js';
import { createRecursiveLeastSquares } from './recursive-least-squares.js';

interface Outcomes {
  readonly moves: number[];
  readonly errors: number[];
  readonly gates: number[];
}

/** A move is `slope` times the imbalance plus noise of 1; squared moves are the random walk's errors. */
const simulate = (steps: number, seed: number, slopeAt: (step: number) => number): Outcomes => {
  const random = createRandom(seed);
  const normal = createNormal(random);
  const center = createImbalanceCenter();
  const outcomes: Outcomes = { moves: [], errors: [], gates: [] };
  for (let step = 0; step < steps; step++) {
    const imbalance = 2 * random() - 1;
    const predicted = center.predict(imbalance);
    const move = 1e-4 * (slopeAt(step) * imbalance + normal());
    center.learn(move);
    outcomes.moves.push(move * move);
    outcomes.errors.push((move - predicted) ** 2);
    outcomes.gates.push(center.gate());
  }
  return outcomes;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The worst excess over the random walk, as a share, in any window of 2,000 outcomes. */
const worstExcess = ({ moves, errors }: Outcomes): number => {
  let worst = -Infinity;
  for (let from = 0; from + 2000 <= moves.length; from += 100) {
    worst = Math.max(worst, sum(errors.slice(from, from + 2000)) / sum(moves.slice(from, from + 2000)) - 1);
  }
  return worst;
};

describe('imbalance centre', () => {
  it('[F21] is better than the random walk when the imbalance predicts the move', () => {
    const { moves, errors, gates } = simulate(3000, 31, () => 0.5);
    // The most any forecast could explain is 0.25/3 / (0.25/3 + 1) = 7.7 %.
    expect(1 - sum(errors.slice(500)) / sum(moves.slice(500))).toBeGreaterThan(0.05);
    expect(sum(gates.slice(500)) / 2500).toBeGreaterThan(0.8);
  });

  it.each([32, 33, 34])('[F22] is the random walk when the imbalance predicts nothing (seed %i)', (seed) => {
    const outcomes = simulate(10_000, seed, () => 0);
    expect(worstExcess(outcomes)).toBeLessThan(0.005);
    expect(sum(outcomes.gates) / 10_000).toBeLessThan(0.1);
  });

  it.each([35, 36])('[F22] is never worse for long, whatever the relation becomes (seed %i)', (seed) => {
    expect(worstExcess(simulate(10_000, seed, (step) => (step < 5000 ? 1 : -1)))).toBeLessThan(0.05);
    expect(worstExcess(simulate(10_000, seed, (step) => (step < 5000 ? 1 : 0)))).toBeLessThan(0.05);
    expect(worstExcess(simulate(10_000, seed, (step) => Math.sin(step / 300)))).toBeLessThan(0.05);
  });

  it('[F20] without a size it is the random walk', () => {
    expect(imbalanceOf(3, 1)).toBe(0.5);
    expect(imbalanceOf(0, 1)).toBe(-1);
    for (const [bid, ask] of [
      [undefined, 1],
      [1, undefined],
      [0, 0],
      [-1, 2],
      [Number.NaN, 1],
      [Infinity, 1],
    ]) {
      expect(imbalanceOf(bid, ask)).toBeUndefined();
    }
    expect(createImbalanceCenter().predict(undefined)).toBe(0);
  });

  it('[F20] moves the centre of one second on a grid of one second, and no other', () => {
    const random = createRandom(37);
    let price = 60_000;
    const one = createSymbolForecaster({ gridMs: 1000, horizonsSeconds: [1, 2], tickSize: 0.01 });
    const minute = createSymbolForecaster({ gridMs: 60_000, horizonsSeconds: [60], tickSize: 0.01 });
    const unsized = createSymbolForecaster({ gridMs: 1000, horizonsSeconds: [1], tickSize: 0.01 });
    let centered = 0;
    for (let i = 0; i < 600; i++) {
      const bidSize = random();
      const sample = { price, bidSize, askSize: 1 - bidSize };
      const step = one.step(sample);
      const others = [minute.step(sample), unsized.step({ price })];
      price *= Math.exp(1e-4 * (2 * bidSize - 1));
      if (step.kind === 'withheld') continue;
      if (step.horizons[0]?.center !== step.price) centered++;
      expect(step.horizons[1]?.center).toBe(step.price);
      for (const other of others) {
        if (other.kind === 'forecast') expect(other.horizons[0]?.center).toBe(other.price);
      }
    }
    expect(centered).toBe(500);
    const [scores] = one.scores();
    expect(scores?.point.skill).toBeGreaterThan(0.99);
    expect(scores?.point.hitRate).toBe(1);
    expect(minute.scores()[0]?.point).toEqual({ skill: 0, dm: null, directions: 0, hitRate: null });
  });

  it('[F22] a gap teaches nothing', () => {
    const gapless = createImbalanceCenter();
    gapless.predict(0.5);
    gapless.predict(undefined);
    gapless.learn(0.1);
    expect(gapless.save()).toEqual(createImbalanceCenter().save());
  });
});

describe('recursive least squares', () => {
  it.each([0.998, 1])(
    '[F23] the matrix stays symmetric and bounded whatever the features (forgetting %d)',
    (forgetting) => {
      const random = createRandom(39);
      const regression = createRecursiveLeastSquares({ size: 2, forgetting });
      const start = regression.trace();
      let highest = 0;
      for (let step = 0; step < 20_000; step++) {
        // Long stretches without excitation, in one direction, or in both: the cases that wind the matrix up.
        const phase = Math.floor(step / 2000) % 4;
        const features = Float64Array.of(
          phase === 0 ? 0 : random() - 0.5,
          phase === 0 || phase === 1 ? 0 : phase === 2 ? 1e-7 * random() : random() - 0.5,
        );
        regression.learn(features, (features[0] as number) + 0.1 * (random() - 0.5));
        highest = Math.max(highest, regression.trace());
      }
      expect(highest).toBeLessThanOrEqual(start * (1 + 1e-12));
      const inverse = regression.save().inverse;
      const values = new Float64Array(Uint8Array.from(atob(inverse), (char) => char.charCodeAt(0)).buffer);
      expect(values[1]).toBe(values[2]);
      expect(values[0]).toBeGreaterThan(0);
      expect(values[3]).toBeGreaterThan(0);
      expect(Math.abs((regression.coefficients[0] as number) - 1)).toBeLessThan(0.1);
    },
  );

  it('[F23] finds the coefficients of least squares', () => {
    const random = createRandom(40);
    const regression = createRecursiveLeastSquares({ size: 2, forgetting: 1, initialVariance: 1e6 });
    for (let step = 0; step < 2000; step++) {
      const features = Float64Array.of(1, random());
      regression.learn(features, 3 - 2 * (features[1] as number));
    }
    expect(regression.coefficients[0]).toBeCloseTo(3, 5);
    expect(regression.coefficients[1]).toBeCloseTo(-2, 5);
  });

  it('[F24] cannot forget faster than the noise allows', () => {
    expect(() => createRecursiveLeastSquares({ size: 1, forgetting: 0.99 })).toThrow(InvalidOption);
  });
});
