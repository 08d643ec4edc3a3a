import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { testSeed } from '../../../../tests/support/depth.js';
import { createRandom } from '../simulated/random.js';
import { createBackoff } from './backoff.js';
import { createClockOffsetEstimator } from './clock-offset.js';
import { createConnectGate } from './connect-gate.js';
import { blockedMs, parseRetryAfter } from './http.js';
import { createQuoteOrder } from './venue.js';

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
      times.push(gate.book(clock.monotonic() + Math.floor(random.uniform() * 5_000)));
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

  test('[M84] nothing is booked before a ban of the venue ends', () => {
    const clock = createManualClock();
    const gate = createConnectGate(clock, [{ max: 10, perMs: 1_000 }]);
    gate.block(clock.monotonic() + 30_000);
    gate.block(clock.monotonic() + 10_000);
    expect(gate.book(clock.monotonic())).toBe(clock.monotonic() + 30_000);
  });

  test('[M362] no answer silences a venue for longer than three days', () => {
    expect(blockedMs({ status: 429, retryAfterMs: 999_999_999_000 })).toBe(259_200_000);
    expect(blockedMs({ status: 418, retryAfterMs: 259_200_000 })).toBe(259_200_000);
    expect(blockedMs({ status: 503, retryAfterMs: 1_000 })).toBe(1_000);
  });

  test('[M84] Retry-After is seconds or a date', () => {
    const date = 'Mon, 01 Jan 2024 00:00:00 GMT';
    expect(parseRetryAfter('120', date)).toBe(120_000);
    expect(parseRetryAfter('120', undefined)).toBe(120_000);
    expect(parseRetryAfter('Mon, 01 Jan 2024 00:00:30 GMT', date)).toBe(30_000);
    expect(parseRetryAfter('Mon, 01 Jan 2023 00:00:30 GMT', date)).toBe(0);
    for (const header of [null, undefined, '', 'soon', '-5']) expect(parseRetryAfter(header, date)).toBeUndefined();
    for (const unknown of [null, undefined, '', 'today']) expect(parseRetryAfter(date, unknown)).toBeUndefined();
  });
});

test('[M295] quotes that the venue numbers anew count once none was newer for five seconds', () => {
  const { isNew } = createQuoteOrder();
  const taken = (orders: readonly number[], fromMs: number): number[] =>
    orders.filter((order, i) => isNew(order, fromMs + i * 1_000));
  expect(taken([100, 101, 101, 99, 102], 0)).toEqual([100, 101, 102]);
  expect(taken([1, 2, 3, 4, 5, 6, 7, 8], 10_000)).toEqual([6, 7, 8]);
  // A late one between newer ones is not the beginning of anything.
  expect(taken([9, 3, 10, 4, 11, 5, 12, 6, 13, 7], 20_000)).toEqual([9, 10, 11, 12, 13]);
  expect(isNew(undefined, 0)).toBe(true);
});

describe('the difference of the clocks', () => {
  /** Uses the time of the test, whose monotonic time has another zero. */
  const create = () => {
    const clock = createManualClock(1_000);
    const zero = clock.monotonic() - clock.now();
    const estimator = createClockOffsetEstimator(clock);
    const add = (sentAt: number, answeredAt: number, venueMs: number): void =>
      estimator.add(sentAt + zero, answeredAt + zero, venueMs);
    return { clock, ...estimator, add };
  };

  test('[M91] is that of the fastest answer, to within half its round trip, of either sign', () => {
    const { add, estimate } = create();
    expect(estimate()).toBeUndefined();
    add(1_000, 1_400, 2_500);
    expect(estimate()).toEqual({ offsetMs: 1_300, errorMs: 200, measuredAt: 1_400 });
    add(2_000, 2_020, 737);
    add(3_000, 3_100, 4_000);
    expect(estimate()).toEqual({ offsetMs: -1_273, errorMs: 10, measuredAt: 2_020 });
  });

  test('[M91] forgets old answers', () => {
    const { add, estimate } = create();
    add(1_000, 1_001, 5_000);
    for (let i = 0; i < 8; i++) add(2_000, 2_100, 2_050);
    expect(estimate()?.offsetMs).toBe(0);
  });

  test('[M91] [M109] is shown against our wall clock as it is now, though it was stepped since the answer', () => {
    const { clock, add, estimate } = create();
    add(1_000, 1_010, 1_005);
    clock.stepWall(7_200_000);
    expect(estimate()).toEqual({ offsetMs: -7_200_000, errorMs: 5, measuredAt: 7_201_010 });
  });

  test('[M293] the time at the venue is unknown after our two clocks ran apart, as in a sleep of the machine', () => {
    const { clock, add, venueNow } = create();
    expect(venueNow()).toBeUndefined();
    add(1_000, 1_010, 501_005);
    clock.advance(100);
    expect(venueNow()).toBe(clock.monotonic() + 500_000 - 5);
    clock.stepWall(10_800_000);
    expect(venueNow()).toBeUndefined();
    add(1_100, 1_110, 11_301_105);
    expect(venueNow()).toBe(clock.monotonic() + 11_300_000 - 5);
  });
});
