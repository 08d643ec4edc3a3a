import { describe, expect, it } from '@jest/globals';
import { createGrid, type GridStep } from './grid.js';

const grid = (rows: readonly (readonly [atMs: number, price: number])[], maxSilentSteps = 5): (number | string)[] => {
  const one = createGrid({ gridMs: 1000, maxSilentSteps });
  const steps: GridStep[] = rows.flatMap(([atMs, price]) => [...one.push({ kind: 'trade', atMs, price })]);
  steps.push(...one.end());
  return steps.map((step) =>
    step.kind === 'gap' ? `gap ${step.steps}` : step.carried ? `carried ${step.sample.price}` : step.sample.price,
  );
};

describe('grid', () => {
  it('[T3] a step has the last observation at or before its end', () => {
    expect(
      grid([
        [0, 1],
        [400, 2],
        [999, 3],
        [1000, 4],
        [2999, 5],
      ]),
    ).toEqual([3, 4, 5]);
  });

  it('[T3] comes out only when a later observation shows that it is over', () => {
    const one = createGrid({ gridMs: 1000, maxSilentSteps: 5 });
    expect(one.push({ kind: 'trade', atMs: 100, price: 1 })).toEqual([]);
    expect(one.push({ kind: 'trade', atMs: 900, price: 2 })).toEqual([]);
    expect(one.push({ kind: 'trade', atMs: 1100, price: 3 })).toEqual([
      { kind: 'sample', sample: { price: 2 }, carried: false },
    ]);
  });

  it('[T3] carries a short silence forward, and reports a long one as an outage', () => {
    expect(
      grid([
        [0, 1],
        [3000, 2],
      ]),
    ).toEqual([1, 'carried 1', 'carried 1', 2]);
    expect(
      grid([
        [0, 1],
        [6000, 2],
      ]),
    ).toEqual([1, ...new Array(5).fill('carried 1'), 2]);
    expect(
      grid([
        [0, 1],
        [7000, 2],
      ]),
    ).toEqual([1, 'gap 6', 2]);
  });

  it('[T6] the steps that are over are the same whatever follows', () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i * i * 37, i + 1] as const);
    const whole = grid(rows);
    for (let end = 1; end < rows.length; end++) {
      const before = grid(rows.slice(0, end));
      // The newest step is not over yet, and has the data so far.
      expect(before.slice(0, -1)).toEqual(whole.slice(0, before.length - 1));
    }
  });

  it('[T3] an observation that jitters back does not go back a step', () => {
    expect(
      grid([
        [0, 1],
        [1000, 2],
        [990, 3],
        [2000, 4],
      ]),
    ).toEqual([1, 3, 4]);
  });
});
