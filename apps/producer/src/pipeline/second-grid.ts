/** One moment on the two faces of a clock: wall time to label it, monotonic time to measure from it. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** Seconds that have come due. */
export interface DueSeconds {
  /** Wall time of the first, a whole second. */
  readonly first: number;
  readonly count: number;
  /** Seconds that the wall clock jumped ahead before the first: it was set, or the machine slept. Nobody saw them. */
  readonly unseen: number;
}

/** Counts seconds by monotonic time, and labels them with whole seconds of wall time, whatever the wall clock does. */
export interface SecondGrid {
  /** Since the call before; at the first call, from the next whole second on. */
  due(now: Moment): DueSeconds;
  /** Wall time of the next second; undefined before the first call. */
  readonly next: number | undefined;
}

const secondMs = 1_000;
/** The two faces are read one after the other: less than this apart they tell the same. */
const steppedMs = 100;

export const createSecondGrid = (): SecondGrid => {
  let next: { label: number; dueAt: number } | undefined;

  const follow = ({ wall, monotonic }: Moment, from: { label: number; dueAt: number }): number => {
    const steppedBy = wall - (from.label + (monotonic - from.dueAt));
    if (Math.abs(steppedBy) < steppedMs) return 0;
    const label = Math.round((from.label + steppedBy) / secondMs) * secondMs;
    // The second moves by half of one at most, so that its label is whole again.
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
