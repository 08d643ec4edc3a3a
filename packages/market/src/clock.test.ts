import { describe, expect, test } from '@jest/globals';
import { createSystemClock } from './clock.js';
import { createManualClock } from './testing/index.js';

describe('clocks', () => {
  test('the system clock is Unix time, and its timers run or are undone', async () => {
    const clock = createSystemClock();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
    let undone = false;
    const undo = clock.after(0, () => {
      undone = true;
    });
    undo();
    await new Promise<void>((resolve) => clock.after(1, resolve));
    expect(undone).toBe(false);
  });

  test('the manual clock runs what falls due in order, each at its own time', () => {
    const clock = createManualClock(0);
    const ran: unknown[] = [];
    clock.after(20, () => ran.push(['b', clock.now()]));
    clock.after(10, () => {
      ran.push(['a', clock.now()]);
      clock.after(5, () => ran.push(['nested', clock.now()]));
    });
    const undo = clock.after(15, () => ran.push('undone'));
    undo();
    expect(clock.nextDue()).toBe(10);
    clock.advance(19);
    expect(ran).toEqual([
      ['a', 10],
      ['nested', 15],
    ]);
    expect([clock.now(), clock.pending()]).toEqual([19, 1]);
    clock.advanceTo(1);
    expect(clock.now()).toBe(19);
    clock.advance(1);
    expect(ran.at(-1)).toEqual(['b', 20]);
  });
});
