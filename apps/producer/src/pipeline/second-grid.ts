/** A moment on both faces of a clock: wall time for labels, monotonic time for measuring. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export interface DueSeconds {
  /** Wall time of the first one, a whole second. */
  readonly first: number;
  readonly count: number;
  /**
   * Seconds that the wall clock skipped before the first one: it was set, or the machine slept. They were not observed.
   */
  readonly unseen: number;
}

/** Counts seconds by monotonic time, and labels them with whole seconds of wall time, whatever the wall clock does. */
export interface SecondGrid {
  /** Returns the seconds since the last call; the first call starts with the next whole second. */
  due(now: Moment): DueSeconds;
  /** Wall time of the next second; undefined before the first call. */
  readonly next: number | undefined;
}

const secondMs = 1_000;
/** The two faces are read one after the other: a smaller difference is not a step. */
const steppedMs = 100;

export const createSecondGrid = (): SecondGrid => {
  let next: { label: number; dueAt: number } | undefined;

  const follow = ({ wall, monotonic }: Moment, from: { label: number; dueAt: number }): number => {
    const steppedBy = wall - (from.label + (monotonic - from.dueAt));
    if (Math.abs(steppedBy) < steppedMs) return 0;
    const label = Math.round((from.label + steppedBy) / secondMs) * secondMs;
    // The second moves by at most half a second, so that its label is a whole second again.
    next = { label, dueAt: from.dueAt + (label - from.label - steppedBy) };
    return Math.max(0, (label - from.label) / secondMs);
  };

  return {
    get next() {
      return next?.label;
    },
    due: (now) => {
      const { wall, monotonic } = now;
      const label = Math.ceil(wall / secondMs) * secondMs;
      next ??= { label, dueAt: monotonic + (label - wall) };
      const unseen = follow(now, next);
      const { label: first, dueAt } = next;
      const count = monotonic < dueAt ? 0 : Math.floor((monotonic - dueAt) / secondMs) + 1;
      next = { label: first + count * secondMs, dueAt: dueAt + count * secondMs };
      return { first, count, unseen };
    },
  };
};
