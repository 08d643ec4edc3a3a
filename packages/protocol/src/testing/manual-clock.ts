import type { Clock } from '../clock.js';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves both faces forward and runs due timers in order of time, each at its own time. */
  advance(byMs: number): void;
  /** Steps only the wall, forwards or back, as NTP and operators do: no timer becomes due. */
  stepWall(byMs: number): void;
  /** Number of timers not yet due: lets a test wait until the code under test sleeps. */
  readonly pending: number;
}

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** Monotonic time starts at a different number, so that the two faces cannot be confused. */
export const createManualClock = (startWallMs = Date.UTC(2024, 0, 1), startMonotonicMs = 1_000): ManualClock => {
  // In the order they were set: of timers due at the same time, the first runs first.
  const timers = new Set<Timer>();
  let monotonic = startMonotonicMs;
  let wallAhead = startWallMs - startMonotonicMs;

  const nextDueBy = (time: number): Timer | undefined => {
    let found: Timer | undefined;
    for (const timer of timers) if (timer.dueAt <= time && timer.dueAt < (found?.dueAt ?? Infinity)) found = timer;
    return found;
  };

  return {
    wall: () => Math.floor(monotonic + wallAhead),
    monotonic: () => monotonic,
    after(delayMs, callback) {
      const timer = { dueAt: monotonic + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(byMs) {
      const until = monotonic + byMs;
      for (let timer = nextDueBy(until); timer !== undefined; timer = nextDueBy(until)) {
        timers.delete(timer);
        monotonic = Math.max(monotonic, timer.dueAt);
        timer.callback();
      }
      monotonic = until;
    },
    stepWall(byMs) {
      wallAhead += byMs;
    },
    get pending() {
      return timers.size;
    },
  };
};
