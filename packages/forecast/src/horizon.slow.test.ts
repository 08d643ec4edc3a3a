import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compareWithGolden, parseGolden } from './testing/golden.js';
import { type HorizonStep, runHorizon } from './testing/horizon-run.js';
import { createRandom, garchPath, regimePath, sparsePath } from './testing/series.js';

const stepsOf = (prices: readonly number[], horizonSteps: number, tickSize = 0.01): HorizonStep[] =>
  runHorizon(prices, { horizonSteps, tickSize }).filter((step) => step !== undefined);

const coverage90 = (all: readonly HorizonStep[]): number => {
  const covered = all.flatMap(({ resolved }) => resolved?.covered?.[2] ?? []);
  return covered.filter(Boolean).length / covered.length;
};

describe('horizon', () => {
  it.each([1, 5])('[F1] agrees with the golden vectors, %i steps ahead', (horizonSteps) => {
    const file = new URL(`../golden/golden-synthetic-h${horizonSteps}.csv`, import.meta.url);
    const rows = parseGolden(readFileSync(file, 'utf8'));
    expect(rows).toHaveLength(4000);
    const difference = compareWithGolden(rows, { horizonSteps });
    expect(difference.shape).toBe(0);
    expect(difference.widths).toBeLessThan(1e-9);
    // The vectors have 13 digits; the logarithms behind their returns are near 11.
    expect(difference.returns).toBeLessThan(1e-14);
  });

  it('[F2] intervals begin after 100 prices, are positive and finite, and nest', () => {
    const all = stepsOf(regimePath({ steps: 4000, seed: 2, regimeSteps: 300 }), 3);
    const first = all.findIndex(({ halfWidths }) => halfWidths !== undefined);
    expect(first).toBe(100);
    const unsound = all.slice(first).filter(({ halfWidths = [] }) => {
      const [a = 0, b = 0, c = 0, d = 0] = halfWidths;
      return !(a > 0 && a <= b && b <= c && c <= d && d < Infinity);
    });
    expect(unsound).toEqual([]);
  });

  it.each([1, 7, 60])('[F3] resolves the forecast made exactly %i steps before', (horizonSteps) => {
    const prices = garchPath({ steps: 600, seed: 3 });
    const all = stepsOf(prices, horizonSteps);
    expect(all.findIndex(({ resolved }) => resolved !== undefined)).toBe(horizonSteps);
    const ours = all.slice(horizonSteps);
    expect(ours.map(({ resolved }) => resolved?.halfWidths)).toEqual(
      all.slice(0, -horizonSteps).map(({ halfWidths }) => halfWidths),
    );
    expect(ours.map(({ resolved }) => resolved?.return)).toEqual(
      ours.map((_, i) => Math.log(prices[i + horizonSteps] as number) - Math.log(prices[i] as number)),
    );
  });

  it('[F3] a jump changes calibration only when it is an outcome', () => {
    const horizonSteps = 20;
    const prices = garchPath({ steps: 500, seed: 4 });
    // One price differs, at 400: it is the origin of the forecast resolved at 420, and the target of the forecast made
    // at 380.
    const other = prices.with(400, (prices[400] as number) * 1.001);
    const [a, b] = [stepsOf(prices, horizonSteps), stepsOf(other, horizonSteps)];
    expect(b.slice(0, 400)).toEqual(a.slice(0, 400));
    expect(a[400]?.resolved?.halfWidths).toEqual(b[400]?.resolved?.halfWidths);
    expect(b[400]?.resolved?.return).not.toBe(a[400]?.resolved?.return);
    expect(b.slice(401, 420).map(({ resolved }) => resolved)).toEqual(
      a.slice(401, 420).map(({ resolved }) => resolved),
    );
    expect(b[420]?.resolved?.return).not.toBe(a[420]?.resolved?.return);
  });

  it('[F4] with the future permuted every earlier forecast is bit-identical', () => {
    const random = createRandom(5);
    const prices = garchPath({ steps: 1000, seed: 5 });
    for (const horizonSteps of [1, 10]) {
      const before = stepsOf(prices, horizonSteps);
      for (const now of [150, 500, 900]) {
        const future = prices
          .slice(now + 1)
          .map((price) => ({ price, key: random() }))
          .sort((a, b) => a.key - b.key)
          .map(({ price }) => price);
        const after = stepsOf([...prices.slice(0, now + 1), ...future], horizonSteps);
        expect(after.slice(0, now + 1)).toEqual(before.slice(0, now + 1));
        expect(after.slice(now + 1)).not.toEqual(before.slice(now + 1));
      }
    }
  });

  it('[F7] coverage is kept over changes of regime and on sparse prices', () => {
    for (const horizonSteps of [1, 5]) {
      const regimes = stepsOf(regimePath({ steps: 30_000, seed: 7, regimeSteps: 3000 }), horizonSteps);
      expect(Math.abs(coverage90(regimes) - 0.9)).toBeLessThan(0.01);
    }
    // One step in five moves: 90 % of outcomes can be inside without all of them being inside.
    const sparse = stepsOf(sparsePath({ steps: 30_000, seed: 8, moveShare: 0.2 }), 5);
    expect(Math.abs(coverage90(sparse) - 0.9)).toBeLessThan(0.01);
    // One in thirty: an interval of any width contains 97 %.
    expect(coverage90(stepsOf(sparsePath({ steps: 20_000, seed: 9, moveShare: 1 / 30 }), 1))).toBeGreaterThan(0.9);
  });

  it('[F9] sigma is never below one tick', () => {
    const still = stepsOf(new Array(2000).fill(50), 4, 0.5);
    expect(Math.min(...still.map(({ sigma }) => sigma))).toBeCloseTo(0.01, 12);
    const tickless = stepsOf(new Array(2000).fill(50), 1, 0);
    expect(Math.min(...tickless.map(({ sigma }) => sigma))).toBeGreaterThan(0);
  });

  it('[F61] an hour of equal minutes changes neither sigma nor calibration; learning continues with the next move', () => {
    const awake = garchPath({ steps: 600, seed: 12, sigma: 5e-4 });
    const asleep = new Array<number>(600).fill(awake.at(-1) as number);
    const options = { horizonSteps: 5, gridMs: 60_000 };
    const steps = runHorizon([...awake, ...asleep, ...awake], options);
    // Outcomes are 5 steps behind the prices, so the bank pauses first, then learning.
    expect(steps[1199]).toMatchObject({ sigma: steps[663]?.sigma, halfWidths: steps[663]?.halfWidths });
    expect(steps[659]?.sigma).not.toBe(steps[658]?.sigma);
    expect(steps[663]?.halfWidths).not.toEqual(steps[662]?.halfWidths);
    expect(steps[1201]?.sigma).toBeGreaterThan(steps[1199]?.sigma ?? 0);
    // On a grid of seconds the bank does not pause: sigma falls while nothing moves.
    const seconds = runHorizon([...awake, ...asleep], { horizonSteps: 5 });
    expect(seconds[1199]?.sigma).toBeLessThan((seconds[700]?.sigma ?? 0) * 0.99);
  });
});
