import { describe, expect, test } from '@jest/globals';
import { createRetention } from './retention.js';

const bounds = { entries: 1_000, bytes: 10_000, ttlMs: 60_000 };

describe('what of history is kept', () => {
  test('[H50] is what each group wants, and the planned part of it', () => {
    const retention = createRetention({ boundsOf: (group) => (group === 'few' ? { ...bounds, entries: 3 } : bounds) });
    expect(retention.boundsOf('many')).toEqual(bounds);
    retention.plan(0.25);
    expect(retention.boundsOf('many')).toEqual({ entries: 250, bytes: 2_500, ttlMs: 60_000 });
    expect(retention.boundsOf('few').entries).toBe(1);
    expect(retention.share).toBe(0.25);
  });

  test('[H51] gives way step by step to a floor, is reported once, and grows back to the plan in its own time', () => {
    let nowMs = 0;
    const reported: boolean[] = [];
    const onReduced = (isReduced: boolean): number => reported.push(isReduced);
    const retention = createRetention({ boundsOf: () => bounds, onReduced, now: () => nowMs });
    retention.plan(0.5);
    expect(retention.reduce()).toBe(true);
    expect(retention.boundsOf('any').entries).toBe(375);
    let steps = 1;
    while (retention.reduce()) steps += 1;
    expect(retention.reductions).toBe(steps);
    expect(retention.share).toBeLessThan(0.5 / 64);
    expect(retention.boundsOf('any').entries).toBeGreaterThan(0);
    expect(reported).toEqual([true]);

    nowMs += 59_999;
    const { share } = retention;
    nowMs += 1;
    expect(retention.share).toBeCloseTo(share * 1.1);
    nowMs += 3_600_000;
    expect(retention.share).toBe(0.5);
    expect(reported).toEqual([true, false]);
  });
});
