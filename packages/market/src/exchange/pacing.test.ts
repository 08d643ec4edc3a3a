import { describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../../tests/support/depth.js';
import { createRandom } from '../simulated/random.js';
import { createManualClock } from '../testing/index.js';
import { createBackoff } from './backoff.js';
import { createClockOffsetEstimator } from './clock-offset.js';
import { createConnectGate } from './connect-gate.js';
import { parseRetryAfter } from './http.js';

describe('waits', () => {
  test('[M83] the bound of the waits doubles up to the cap, anything below it is as likely, and success resets', () => {
    const bounds: number[] = [];
    const highest = createBackoff({ random: () => 1 - 2 ** -53, baseMs: 100, capMs: 1_000 });
    for (let i = 0; i < 6; i++) bounds.push(highest.nextMs());
    highest.reset();
    bounds.push(highest.nextMs());
    expect(bounds).toEqual([100, 200, 400, 800, 1_000, 1_000, 100]);
    const lowest = createBackoff({ random: () => 0 });
    expect([lowest.nextMs(), lowest.nextMs()]).toEqual([0, 0]);
    const middle = createBackoff({ random: () => 0.5, baseMs: 100 });
    expect([middle.nextMs(), middle.nextMs()]).toEqual([50, 100]);
  });

  test('[M83] a thousand failures later the wait is still a number of milliseconds up to the cap', () => {
    const backoff = createBackoff({ random: () => 0.999, capMs: 60_000 });
    for (let i = 0; i < 1_000; i++) backoff.nextMs();
    expect(backoff.nextMs()).toBe(59_940);
  });

  test('[M84] connections are booked so that no stretch of time holds more than allowed', () => {
    const limits = [
      { max: 1, perMs: 1_000 },
      { max: 5, perMs: 60_000 },
    ];
    const seed = String(testSeed);
    const random = createRandom(seed);
    const clock = createManualClock();
    const gate = createConnectGate(clock, limits);
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      times.push(gate.book(clock.now() + Math.floor(random.uniform() * 5_000)));
      clock.advance(Math.floor(random.uniform() * 20_000));
    }
    for (const { max, perMs } of limits) {
      for (const [i, at] of times.entries()) {
        const inStretch = times.filter((other) => other >= at && other <= at + perMs).length;
        expect([seed, i, inStretch <= max]).toEqual([seed, i, true]);
      }
    }
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  test('[M84] nothing is booked before the venue lets us back', () => {
    const clock = createManualClock();
    const gate = createConnectGate(clock, [{ max: 10, perMs: 1_000 }]);
    gate.block(clock.now() + 30_000);
    gate.block(clock.now() + 10_000);
    expect(gate.book(clock.now())).toBe(clock.now() + 30_000);
  });

  test('[M84] Retry-After is seconds or a date', () => {
    const now = Date.UTC(2024, 0, 1);
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('Mon, 01 Jan 2024 00:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('Mon, 01 Jan 2023 00:00:30 GMT', now)).toBe(0);
    for (const header of [null, undefined, '', 'soon', '-5']) expect(parseRetryAfter(header, now)).toBeUndefined();
  });
});

describe('the difference of the clocks', () => {
  test('[M91] is that of the fastest answer, within half its round trip, of either sign', () => {
    const estimator = createClockOffsetEstimator();
    expect(estimator.estimate()).toBeUndefined();
    estimator.add(1_000, 1_400, 2_500);
    expect(estimator.estimate()).toEqual({ offsetMs: 1_300, errorMs: 200, measuredAt: 1_400 });
    estimator.add(2_000, 2_020, 737);
    estimator.add(3_000, 3_100, 4_000);
    expect(estimator.estimate()).toEqual({ offsetMs: -1_273, errorMs: 10, measuredAt: 2_020 });
  });

  test('[M91] forgets old answers, and those during which our own clock was set back', () => {
    const estimator = createClockOffsetEstimator();
    estimator.add(1_000, 1_001, 5_000);
    for (let i = 0; i < 8; i++) estimator.add(2_000, 2_100, 2_050);
    expect(estimator.estimate()?.offsetMs).toBe(0);
    estimator.add(2_000, 1_000, 9_999);
    expect(estimator.estimate()?.offsetMs).toBe(0);
  });
});
