import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createExpiries } from './expiries.js';

describe('expiries', () => {
  let nowMs: number;
  beforeEach(() => {
    jest.useFakeTimers();
    nowMs = 1_000_000;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 1_000) {
      nowMs += Math.min(left, 1_000);
      jest.advanceTimersByTime(Math.min(left, 1_000));
    }
  };

  test('[GA8] each expires within a second after its time, never before', () => {
    const expiries = createExpiries(() => nowMs);
    const ended: string[] = [];
    expiries.add(nowMs + 1_500, () => ended.push('a'));
    expiries.add(nowMs + 3_000, () => ended.push('b'));
    pass(1_000);
    expect(ended).toEqual([]);
    pass(1_000);
    expect(ended).toEqual(['a']);
    pass(2_000);
    expect(ended).toEqual(['a', 'b']);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('[GA8] a cancelled one does not expire, and a clock set forward skips none', () => {
    const expiries = createExpiries(() => nowMs);
    const ended: string[] = [];
    const callOff = expiries.add(nowMs + 2_000, () => ended.push('called off'));
    expiries.add(nowMs + 2_000, () => ended.push('same second'));
    expiries.add(nowMs + 60_000, () => ended.push('a minute'));
    callOff();
    callOff();
    nowMs += 3_600_000;
    jest.advanceTimersByTime(1_000);
    expect(ended).toEqual(['same second', 'a minute']);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('[GA8] a close leaves no timer', () => {
    const expiries = createExpiries(() => nowMs);
    expiries.add(nowMs + 2_000, () => {});
    expiries.close();
    expect(jest.getTimerCount()).toBe(0);
  });
});
