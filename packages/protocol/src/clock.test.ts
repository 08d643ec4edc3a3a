import { describe, expect, it } from '@jest/globals';
import { createSystemClock, createTimers } from './index.js';
import { createManualClock } from './testing/index.js';

describe('the clock', () => {
  it('[C42] the wall labels in whole milliseconds, and monotonic time never goes back', () => {
    const clock = createSystemClock();
    expect(Number.isInteger(clock.wall())).toBe(true);
    const first = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(first);
  });

  it('[C42] calls back once, and never after it was cancelled', async () => {
    const clock = createSystemClock();
    let calls = 0;
    const cancel = clock.after(0, () => {
      calls += 1;
    });
    cancel();
    await new Promise<void>((resolve) => clock.after(1, resolve));
    expect(calls).toBe(0);
  });

  it('[C42] waits for a month as long as it says, though timers do not', async () => {
    const clock = createSystemClock();
    let calls = 0;
    const cancel = clock.after(31 * 86_400_000, () => {
      calls += 1;
    });
    await new Promise<void>((resolve) => clock.after(5, resolve));
    cancel();
    expect(calls).toBe(0);
  });

  it('[C70] timers of one owner are cancelled together; pauses end at once, and new timers may begin', async () => {
    const clock = createManualClock();
    const timers = createTimers(clock);
    const calls: string[] = [];
    timers.after(10, () => calls.push('due'));
    timers.after(30, () => calls.push('cancelled by its owner'))();
    timers.after(40, () => calls.push('cancelled with all'));
    const pauses = [timers.pause(10), timers.pause(50)];
    clock.advance(20);
    await pauses[0];
    timers.cancelAll();
    await pauses[1];
    expect([calls, clock.pending]).toEqual([['due'], 0]);
    timers.after(10, () => calls.push('begun later'));
    clock.advance(100);
    expect(calls).toEqual(['due', 'begun later']);
  });

  it('[C43] the clock of tests stands still until it is moved; a step of the wall moves no timer', () => {
    const clock = createManualClock(5_000);
    const due: (string | number)[] = [];
    clock.after(20, () => due.push('late', clock.wall()));
    clock.after(10, () => {
      due.push('early', clock.wall());
      clock.after(5, () => due.push('set on the way', clock.wall()));
    });
    const cancel = clock.after(10, () => due.push('called off'));
    cancel();
    clock.stepWall(-3_600_000);
    expect([due, clock.pending, clock.nextDue()]).toEqual([[], 2, 5_010]);
    clock.stepWall(3_600_000);
    clock.advance(100);
    expect(due).toEqual(['early', 5_010, 'set on the way', 5_015, 'late', 5_020]);
    clock.advanceTo(5_001);
    expect([clock.wall(), clock.now(), clock.monotonic(), clock.pending]).toEqual([5_100, 5_100, 1_100, 0]);
    expect(clock.nextDue()).toBeUndefined();
  });
});
