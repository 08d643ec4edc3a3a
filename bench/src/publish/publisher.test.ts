import { describe, expect, test } from '@jest/globals';
import type { ChannelTick, Outlet } from './outlet.js';
import { createSchedulePublisher } from './publisher.js';
import { createSchedule } from './schedule.js';

describe('createSchedule', () => {
  test('[BN11] lets channels take turns, at equal distances', () => {
    const schedule = createSchedule({ startMs: 1_000, ticksPerSecond: 100, burst: 1, channels: 3 });
    expect(schedule.take(1_030, 100)).toEqual([
      { channel: 0, dueMs: 1_000 },
      { channel: 1, dueMs: 1_010 },
      { channel: 2, dueMs: 1_020 },
      { channel: 0, dueMs: 1_030 },
    ]);
    expect(schedule.take(1_039, 100)).toEqual([]);
    expect(schedule.nextMs).toBe(1_040);
  });

  test('[BN11] makes a burst due at one moment, at the same rate', () => {
    const schedule = createSchedule({ startMs: 0, ticksPerSecond: 100, burst: 4, channels: 1 });
    expect(schedule.take(40, 100).map(({ dueMs }) => dueMs)).toEqual([0, 0, 0, 0, 40, 40, 40, 40]);
    expect(schedule.nextMs).toBe(80);
  });

  test('[BN10] keeps the times ticks were due at when it is late', () => {
    const schedule = createSchedule({ startMs: 0, ticksPerSecond: 1_000, burst: 1, channels: 1 });
    expect(schedule.take(1_000, 5).map(({ dueMs }) => dueMs)).toEqual([0, 1, 2, 3, 4]);
    expect(schedule.take(1_000, 2).map(({ dueMs }) => dueMs)).toEqual([5, 6]);
  });
});

describe('createSchedulePublisher', () => {
  test('[BN10] stamps ticks with when they were due and numbers each channel from where it was', async () => {
    const batches: (readonly ChannelTick[])[] = [];
    let nowMs = 0;
    let enough = (): void => {};
    const done = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const outlet: Outlet = {
      async publish(ticks) {
        batches.push(ticks);
        // Longer than the schedule allows.
        nowMs += 25;
        if (batches.flat().length >= 6) enough();
      },
      async close() {},
    };
    // Time goes on with each look at the clock.
    const publisher = createSchedulePublisher(outlet, 2, () => {
      nowMs += 0.125;
      return nowMs;
    });
    publisher.start({ ticksPerSecond: 100, burst: 1, limitMs: 1_000 });
    await done;
    const { published, ticks, latenessMs } = await publisher.stop();
    const all = batches.flat();
    const start = all[0]?.message.pts ?? 0;
    expect(all.map(({ message }) => message.pts - start)).toEqual(all.map((_, index) => index * 10));
    expect(all.slice(0, 4).map(({ channel, message }) => [channel, message.seq])).toEqual([
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(published).toEqual([Math.ceil(all.length / 2), Math.floor(all.length / 2)]);
    expect(ticks).toBe(all.length);
    expect(latenessMs.p99).toBeGreaterThanOrEqual(15);
  });

  test('[BN10] stamps ticks with when they leave where a scenario asks for it', async () => {
    const stamps: number[] = [];
    let nowMs = 0;
    let enough = (): void => {};
    const done = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const outlet: Outlet = {
      async publish(ticks) {
        stamps.push(...ticks.map(({ message }) => message.pts));
        nowMs += 25;
        if (stamps.length >= 6) enough();
      },
      async close() {},
    };
    const publisher = createSchedulePublisher(outlet, 1, () => {
      nowMs += 0.125;
      return nowMs;
    });
    publisher.start({ ticksPerSecond: 100, burst: 1, limitMs: 1_000, stampsWhenSent: true });
    await done;
    await publisher.stop();
    const due = stamps.map((_, index) => (stamps[0] as number) + index * 10);
    expect(stamps.slice(2).every((stamp, index) => stamp > (due[index + 2] as number))).toBe(true);
  });
});
