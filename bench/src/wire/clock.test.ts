import { describe, expect, test } from '@jest/globals';
import { createBenchClock } from './clock.js';

describe('createBenchClock', () => {
  test('[BN49] is the same in a process that was held up while it found out', () => {
    let at = 1_000;
    let readings = 0;
    const clock = createBenchClock(5_000, {
      monotonicMs: () => at,
      performanceMs: () => {
        // Held up for 30 ms each time but one.
        readings += 1;
        if (readings !== 7) at += 30;
        return at - 900;
      },
    });
    expect(clock()).toBe(5_000 + at);
  });
});
