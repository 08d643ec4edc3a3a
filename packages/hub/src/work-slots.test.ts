import { describe, expect, jest, test } from '@jest/globals';
import { range, turns, until } from './testing/index.js';
import { advance, stillTimers } from './testing/still-timers.js';
import { BacklogFull, createWorkSlots } from './work-slots.js';

const hanging = () => new Promise<never>(() => {});

describe('work that many request at once', () => {
  test('[B82] a few pieces run at a time, in the order of arrival', async () => {
    const slots = createWorkSlots({ atOnce: 3, now: () => 0 });
    const begun: number[] = [];
    let [running, most] = [0, 0];
    const all = range(1, 20).map((n) =>
      slots.run(async () => {
        begun.push(n);
        running += 1;
        most = Math.max(most, running);
        await turns(1);
        running -= 1;
        return n;
      }),
    );
    expect(slots.waiting).toBe(17);
    expect(await Promise.all(all)).toEqual(range(1, 20));
    expect(begun).toEqual(range(1, 20));
    expect(most).toBe(3);
  });

  test('[B82] work that need not wait leaves turns of the event loop to others', async () => {
    const slots = createWorkSlots({ atOnce: 4, now: () => 0 });
    let done = 0;
    for (const _ of range(1, 20)) void slots.run(async () => (done += 1));
    await turns(2);
    expect(done).toBeLessThanOrEqual(12);
    await until('all', () => done === 20);
  });

  test('[B82] work is rejected at once when too much is waiting', async () => {
    const slots = createWorkSlots({ atOnce: 1, maxWaiting: 2, now: () => 0 });
    for (const _ of range(1, 3)) void slots.run(hanging);
    await expect(slots.run(hanging)).rejects.toThrow(BacklogFull);
    expect(slots.waiting).toBe(2);
  });

  test('[B82] work that hangs gives up its slot after some seconds', async () => {
    stillTimers();
    const slots = createWorkSlots({ atOnce: 1, maxHoldMs: 5_000, now: () => 0 });
    void slots.run(hanging);
    let isDone = false;
    void slots.run(async () => (isDone = true));
    await advance(4_999);
    expect(isDone).toBe(false);
    await advance(1);
    expect(isDone).toBe(true);
    jest.useRealTimers();
  });

  test('[B82] failing work also fails what waited too long behind it, and nothing else', async () => {
    const clock = { ms: 0 };
    const slots = createWorkSlots({ atOnce: 1, patienceMs: 100, now: () => clock.ms });
    let fail = (_: Error): void => {};
    const first = slots.run(() => new Promise((_, reject) => (fail = reject)));
    const old = slots.run(async () => 'old');
    clock.ms = 60;
    const young = slots.run(async () => 'young');
    clock.ms = 110;
    fail(new Error('stuck'));
    await expect(first).rejects.toThrow('stuck');
    await expect(old).rejects.toThrow('stuck');
    await expect(young).resolves.toBe('young');
    expect(slots.waiting).toBe(0);
  });
});
