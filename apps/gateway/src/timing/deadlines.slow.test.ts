import { describe, expect, jest, test } from '@jest/globals';
import { until } from '@tickwire/hub/testing';
import { createDeadlines, DeadlineExceeded, inTime } from './deadlines.js';
import { createWheel } from './wheel.js';

describe('deadlines', () => {
  test('[CF1] expired deadlines call back, in the order in which they began', async () => {
    const deadlines = createDeadlines({ afterMs: 20 });
    const expired: number[] = [];
    const ends = [1, 2, 3, 4].map((n) => deadlines.begin(() => expired.push(n)));
    ends[0]?.();
    ends[2]?.();
    await until('the deadlines', () => expired.length >= 2);
    expect(expired).toEqual([2, 4]);
  });

  test('[CF1] a deadline that begins in a callback has its full time', async () => {
    const deadlines = createDeadlines({ afterMs: 30 });
    const at: number[] = [];
    const started = performance.now();
    deadlines.begin(() => {
      at.push(performance.now() - started);
      deadlines.begin(() => at.push(performance.now() - started));
    });
    await until('both', () => at.length === 2);
    expect(at[0]).toBeGreaterThanOrEqual(29);
    expect(at[1]).toBeGreaterThanOrEqual(59);
  });

  test('[CF21] a late promise is an error, a timely one is not', async () => {
    const deadlines = createDeadlines({ afterMs: 20 });
    await expect(inTime(deadlines, Promise.resolve(5))).resolves.toBe(5);
    await expect(inTime(deadlines, Promise.reject(new TypeError('no')))).rejects.toThrow(TypeError);
    await expect(inTime(deadlines, new Promise(() => {}))).rejects.toThrow(DeadlineExceeded);
  });
});

describe('a wheel', () => {
  test('[CF40] visits every member once a turn, and follows each up before its next visit', async () => {
    const log: string[] = [];
    const wheel = createWheel<{ wheelSlot: number; readonly name: string }>({
      intervalMs: 100,
      visit: ({ name }) => log.push(`visit ${name}`),
      followUp: ({ name }) => log.push(`follow ${name}`),
    });
    const members = ['a', 'b', 'c'].map((name) => ({ name, wheelSlot: 0 }));
    for (const member of members) wheel.add(member);
    await until('four turns', () => log.filter((entry) => entry === 'visit a').length >= 4);
    for (const { name } of members) {
      const mine = log.filter((entry) => entry.endsWith(name));
      expect(mine.length).toBeGreaterThanOrEqual(6);
      // A new member's slot may be followed up before its first visit.
      const fromVisit = mine.slice(mine.indexOf(`visit ${name}`));
      expect(fromVisit).toEqual(fromVisit.map((_, index) => `${index % 2 === 0 ? 'visit' : 'follow'} ${name}`));
    }
    for (const member of members) {
      wheel.remove(member);
      wheel.remove(member);
    }
    const { length } = log;
    const started = Date.now();
    await until('a turn of time', () => Date.now() - started > 120);
    expect(log.length).toBe(length);
  });
});

describe('an event loop that was blocked', () => {
  test('[G110] does not shorten deadlines: messages that arrived meanwhile are read first', () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const clock = { ms: 0 };
    const deadlines = createDeadlines({ afterMs: 800, now: () => clock.ms });
    const expired: string[] = [];
    const end = deadlines.begin(() => expired.push('answered'));
    deadlines.begin(() => expired.push('never answered'));
    const pass = (ms: number): void => {
      clock.ms += ms;
      jest.advanceTimersByTime(Math.min(ms, 100));
    };
    for (let ms = 0; ms < 700; ms += 100) pass(100);
    // One long turn in which an answer arrived.
    pass(5_000);
    expect(expired).toEqual([]);
    end();
    for (let ms = 0; ms < 200; ms += 100) pass(100);
    expect(expired).toEqual(['never answered']);
    jest.useRealTimers();
  });
});
