import { describe, expect, it } from '@jest/globals';
import { createProgress } from './output/progress.js';
import { prices } from './testing/files.js';
import { createWalk, gridUnits } from './walk.js';

describe('walk', () => {
  const walkOver = (all: readonly number[]) => {
    const walk = createWalk({ grid: gridUnits['1m'], horizons: [1, 5], tickSize: 0.01 });
    for (const price of all) walk.take({ kind: 'sample', sample: { price }, carried: false });
    return walk;
  };

  it('[T7] the constant width of the comparison is the constant band of the forecaster', () => {
    for (const { ours, others } of walkOver(prices(2500, 2)).results()) {
      const [constant] = others;
      expect(constant?.name).toBe('constant width');
      expect(constant?.scores.compared).toBe(ours.compared);
      expect(constant?.scores.levels[90].intervalScore).toBe(ours.levels[90].baselineScore);
      expect(constant?.scores.levels[90].gain).toBe(0);
    }
  });

  it('every method is calibrated on Gaussian returns', () => {
    for (const { others } of walkOver(prices(6000, 3)).results()) {
      for (const { name, scores } of others) {
        expect({ name, right: Math.abs((scores.levels[90].coverage ?? 0) - 0.9) < 0.03 }).toEqual({
          name,
          right: true,
        });
      }
    }
  });

  it('an outage resolves nothing across it one step ahead', () => {
    const walk = walkOver(prices(400, 5));
    walk.take({ kind: 'gap', steps: 100 });
    walk.take({ kind: 'sample', sample: { price: 40_000 }, carried: false });
    const [one] = walk.results();
    expect(one?.ours.unresolved).toBe(1);
    expect(one?.others.map(({ scores }) => scores.n)).toEqual(new Array(4).fill(299));
    expect(walk.counts()).toMatchObject({ steps: 401, outages: 1 });
  });
});

describe('progress', () => {
  const run = (isTTY: boolean): string => {
    let written = '';
    let nowMs = 0;
    const write = (text: string): void => {
      written += text;
    };
    const progress = createProgress({ write, isTTY }, () => nowMs);
    for (let row = 0; row < 10_240; row++) {
      nowMs += 0.1;
      progress.report(row / 10_240, row);
    }
    progress.end();
    return written;
  };

  it('[T11] is shown at most once an interval over itself, with the time left, and on terminals alone', () => {
    expect(run(true)).toMatch(/^\rread \d+ %, [\d,]+ steps, about \d s left {3}(\rread [^\r]*)?\n$/);
    expect(run(false)).toBe('');
  });
});
