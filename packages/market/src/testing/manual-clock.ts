import type { Clock } from '@tickwire/protocol';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** The time of the test, which `wall` shows until it is stepped. */
  now(): number;
  /** Sets the wall clock ahead or back, as an operator or NTP does. Nothing else changes. */
  stepWall(byMs: number): void;
  /** Advances time and runs due timers, in order, each at its own time. */
  advance(byMs: number): void;
  /** Like `advance`, to a point in the time of the test; never back. */
  advanceTo(timeMs: number): void;
  /** Number of pending timers: a test can wait until the code under test sleeps. */
  pending(): number;
  /** When the next timer is due. */
  nextDue(): number | undefined;
}

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Monotonic time has another zero, so that a test shows when the two are mixed up. */
const firstMonotonicMs = 5_000;

export const createManualClock = (startMs = Date.UTC(2024, 0, 1)): ManualClock => {
  const timers = new Set<Timer>();
  let time = startMs;
  let steppedMs = 0;
  let order = 0;

  const first = (): Timer | undefined => {
    let found: Timer | undefined;
    for (const timer of timers) {
      if (!found || timer.dueAt < found.dueAt || (timer.dueAt === found.dueAt && timer.order < found.order))
        found = timer;
    }
    return found;
  };

  const advanceTo = (timeMs: number): void => {
    for (let timer = first(); timer && timer.dueAt <= timeMs; timer = first()) {
      timers.delete(timer);
      time = Math.max(time, timer.dueAt);
      timer.callback();
    }
    time = Math.max(time, timeMs);
  };

  return {
    now: () => time,
    wall: () => time + steppedMs,
    monotonic: () => time - startMs + firstMonotonicMs,
    after: (delayMs, callback) => {
      const timer = { dueAt: time + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    stepWall: (byMs) => {
      steppedMs += byMs;
    },
    advance: (byMs) => advanceTo(time + byMs),
    advanceTo,
    pending: () => timers.size,
    nextDue: () => first()?.dueAt,
  };
};
