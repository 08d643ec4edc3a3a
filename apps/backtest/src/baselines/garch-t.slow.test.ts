import { describe, expect, it } from '@jest/globals';
import { createGarchModel } from './garch-t.js';
import { findMinimum } from './nelder-mead.js';
import { centralHalfWidth, logPeak } from './student-t.js';

const createRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 4_294_967_296;
  };
};

/** Standard normal, and Student's t of whole degrees scaled to a variance of 1. */
const createDraws = (seed: number) => {
  const random = createRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const student = (degrees: number): number => {
    const squares = Array.from({ length: degrees }, () => normal() ** 2).reduce((sum, square) => sum + square, 0);
    return (normal() / Math.sqrt(squares / degrees)) * Math.sqrt((degrees - 2) / degrees);
  };
  return { normal, student };
};

describe('GARCH with t', () => {
  it("[T70] quantiles and density of Student's t are those of the tables", () => {
    // t of 4 degrees: 0.7407, 1.5332, 2.1318, 2.7764, scaled by sqrt(2/4).
    for (const [share, t] of [
      [0.5, 0.740_697],
      [0.8, 1.533_206],
      [0.9, 2.131_847],
      [0.95, 2.776_445],
    ] as const) {
      expect(centralHalfWidth(4, share)).toBeCloseTo(t * Math.SQRT1_2, 3);
    }
    expect(centralHalfWidth(150, 0.9)).toBeCloseTo(1.6449, 2);
    // The density of 4 degrees is 3/8 at its centre.
    expect(logPeak(4)).toBeCloseTo(Math.log(0.375 / Math.SQRT1_2), 4);
  });

  it('[T70] the simplex finds the lowest point of a curved valley', () => {
    const valley = ([x = 0, y = 0]: readonly number[]): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    const [x, y] = findMinimum(valley, { start: [-1, 1], side: 0.5, tolerance: 1e-12, maxEvaluations: 1000 });
    expect(x).toBeCloseTo(1, 3);
    expect(y).toBeCloseTo(1, 3);
  });

  it('[T70] on a path of its own kind it expects the variance that made it, one and ten steps ahead', () => {
    const { student } = createDraws(70);
    const model = createGarchModel(1440);
    const [one, ten] = [model.method(1), model.method(10)];
    const into = new Float64Array(4);
    const longRun = 1e-7;
    let variance = longRun;
    const errors: number[] = [];
    let missed = 0;
    for (let step = 0; step < 12_000; step++) {
      const expected = one.forecast(into);
      const move = Math.sqrt(variance) * student(5);
      if (step > 6_000) {
        errors.push(Math.log(expected / Math.sqrt(variance)));
        if (Math.abs(move) > (into[2] as number)) missed++;
      }
      variance = 0.05 * longRun + 0.1 * move * move + 0.85 * variance;
      model.observe(move);
    }
    const typical = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    expect(typical).toBeLessThan(0.12);
    expect(Math.abs(missed / errors.length - 0.1)).toBeLessThan(0.01);
    // Ten variances on the way to the long run sum to nearly ten times one of them.
    const ratio = ten.forecast(into) / one.forecast(into);
    expect(ratio).toBeGreaterThan(Math.sqrt(10) * 0.6);
    expect(ratio).toBeLessThan(Math.sqrt(10) * 1.6);
  });

  it('[T70] equal prices, and the first returns, give no widths and no nonsense', () => {
    const model = createGarchModel(1440);
    const into = new Float64Array(4).fill(1);
    for (let step = 0; step < 1000; step++) model.observe(0);
    expect(model.method(1).forecast(into)).toBe(0);
    expect([...into]).toEqual([0, 0, 0, 0]);
    const { normal } = createDraws(71);
    for (let step = 0; step < 3000; step++) model.observe(step % 40 === 0 ? 1e-3 * normal() : undefined);
    expect(Number.isFinite(model.method(5).forecast(into))).toBe(true);
  });
});
