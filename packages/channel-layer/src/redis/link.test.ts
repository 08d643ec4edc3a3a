import { describe, expect, test } from '@jest/globals';
import { createBackoff } from './link.js';

describe('backoff', () => {
  test('[L18] doubles up to the cap; the upper half is random', () => {
    const [longest, shortest] = [1, 0].map((value) => createBackoff({ random: () => value }));
    const failures = [0, 1, 2, 3, 4, 5, 50, 5_000];
    expect(failures.map((count) => longest?.(count))).toEqual([50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
    expect(failures.map((count) => shortest?.(count))).toEqual([25, 50, 100, 200, 400, 500, 500, 500]);
  });
});
