import type { Clock } from '../clock.js';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** The time of the test, which `wall` shows until it is stepped. */
  now(): number;
  /** Moves both faces forward and runs due timers in order of time, each at its own time. */
  advance(byMs: number): void;
  /** Like `advance`, to a point in the time of the test; never back. */
  advanceTo(timeMs: number): void;
  /** Steps only the wall, forwards or back, as NTP and operators do: no timer becomes due. */
  stepWall(byMs: number): void;
  /** Number of timers not yet due: lets a test wait until the code under test sleeps. */
  readonly pending: number;
  /** When the next timer is due, in the time of the test. */
  nextDue(): number | undefined;
}

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** Monotonic time starts at a different number, so that the two faces cannot be confused. */
export const createManualClock = (startWallMs = Date.UTC(2024, 0, 1), startMonotonicMs = 1_000): ManualClock => {
  // In the order they were set: of timers due at the same time, the first runs first.
  const timers = new Set<Timer>();
  let time = startWallMs;
  let steppedMs = 0;

  const first = (): Timer | undefined => {
    let found: Timer | undefined;
    for (const timer of timers) if (timer.dueAt < (found?.dueAt ?? Infinity)) found = timer;
    return found;
  };

  const advanceTo = (timeMs: number): void => {
    for (let timer = first(); timer !== undefined && timer.dueAt <= timeMs; timer = first()) {
      timers.delete(timer);
      time = Math.max(time, timer.dueAt);
      timer.callback();
    }
    time = Math.max(time, timeMs);
  };

  return {
    now: () => time,
    wall: () => Math.floor(time + steppedMs),
    monotonic: () => time - startWallMs + startMonotonicMs,
    after(delayMs, callback) {
      const timer = { dueAt: time + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (byMs) => advanceTo(time + byMs),
    advanceTo,
    stepWall(byMs) {
      steppedMs += byMs;
    },
    get pending() {
      return timers.size;
    },
    nextDue: () => first()?.dueAt,
  };
};
