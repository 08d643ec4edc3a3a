import { describe, expect, it } from '@jest/globals';
import { createRandom } from './random.js';

describe('random numbers of tests', () => {
  it('[C44] depend only on their seed, on every platform', () => {
    const random = createRandom(1);
    expect([random.next(), random.next(), random.below(1_000)]).toEqual([
      0.6270739405881613, 0.002735721180215478, 527,
    ]);
    expect(createRandom(-1).next()).toBe(createRandom(2 ** 32 - 1).next());
  });

  it('[C44] stay within their bounds, and cannot pick from an empty list', () => {
    const random = createRandom(7);
    const drawn = Array.from({ length: 1_000 }, () => random.below(3));
    expect([...new Set(drawn)].sort()).toEqual([0, 1, 2]);
    expect([random.chance(0), random.chance(1), random.pick(['a'])]).toEqual([false, true, 'a']);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
