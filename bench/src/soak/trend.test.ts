import { describe, expect, test } from '@jest/globals';
import { trendOf } from './trend.js';

const points = (values: readonly (readonly [number, number])[]) =>
  values.map(([minutes, value]) => ({ minutes, value }));

describe('trendOf', () => {
  test('[BN30] finds the line that points lie on', () => {
    const { perMinute, level, drift } = trendOf(
      points([
        [2, 110],
        [3, 120],
        [6, 150],
      ]),
    );
    expect(perMinute).toBeCloseTo(10, 9);
    expect(level).toBeCloseTo(110, 9);
    expect(drift).toBeCloseTo(40, 9);
  });

  test('[BN30] is the line of least squares where they lie beside it', () => {
    // By hand: means 1 and 4, sum of products 6, of squares 2.
    const { perMinute, level, drift, error } = trendOf(
      points([
        [0, 2],
        [1, 2],
        [2, 8],
      ]),
    );
    expect([perMinute, level, drift]).toEqual([3, 1, 6]);
    // 1, -2 and 1 beside it: 6 over one degree of freedom and 2.
    expect(error).toBeCloseTo(2 * Math.sqrt(3), 9);
  });

  test('[BN30] a saw tooth that returns to where it was is flat', () => {
    const teeth = Array.from({ length: 400 }, (_, index) => [index / 10, 1_000 + (index % 10) * 50] as const);
    expect(Math.abs(trendOf(points(teeth)).drift)).toBeLessThan(20);
  });

  test('[BN30] is flat where there is nothing to fit', () => {
    expect(trendOf([])).toEqual({ perMinute: 0, level: 0, drift: 0, error: 0 });
    expect(trendOf(points([[5, 7]]))).toEqual({ perMinute: 0, level: 7, drift: 0, error: 0 });
    expect(
      trendOf(
        points([
          [5, 7],
          [5, 9],
        ]),
      ),
    ).toEqual({ perMinute: 0, level: 8, drift: 0, error: 0 });
  });
});
