/** Nothing was traded before bitcoin existed: zero, seconds read as milliseconds, or a time that was never set. */
export const earliestMs = Date.UTC(2009, 0, 1);

/**
 * A venue time further ahead than this of both our clock and the time that the stream has reached is an error in the
 * data. If it were believed, it would close every bar up to it, and later trades would be late.
 */
const maxAheadMs = 10_000;
/** The same for the first event, of which only our clock says anything. */
const maxFirstAheadMs = 60_000;
/** A time that goes back by less belongs to an event that is merely late. */
const minBackMs = 10_000;
/** This many in a row that agree with each other are not an error: a clock was set, ours or the venue's. */
const believedAfter = 3;
/** Late events often come all at once, and only a clock that was set back keeps them late for this long. */
const backForMs = 2_000;

interface Timed {
  readonly ts: number;
  readonly rts: number;
}

/** Detects venue times that must not be believed, among events of one kind of one instrument. */
export interface AbsurdTimes {
  /**
   * `absurd` is not to be believed. `stepped`: this event and those before it, absurd or late, show that a clock was
   * set. Times are those of a monotonic clock, or of the receive time in a recording.
   */
  judge(event: Timed, steadyMs: number): 'believed' | 'absurd' | 'stepped';
}

/** Events in a row that contradict those before them. */
interface Suspects {
  readonly isAhead: boolean;
  readonly sinceMs: number;
  /** Venue time minus ours. */
  readonly differenceMs: number;
  count: number;
}

export const createAbsurdTimes = (): AbsurdTimes => {
  /** The newest believed event. */
  let newest: { ts: number; steadyMs: number } | undefined;
  let suspects: Suspects | undefined;

  const isAhead = ({ ts, rts }: Timed, steadyMs: number): boolean => {
    if (!newest) return ts > rts + maxFirstAheadMs;
    return ts > Math.max(rts, newest.ts + Math.max(0, steadyMs - newest.steadyMs)) + maxAheadMs;
  };

  /** Behind the newest by both clocks: in a file that is not in the order of time, ours goes back too. */
  const isBack = ({ ts }: Timed, steadyMs: number): boolean =>
    newest !== undefined && ts - newest.ts < Math.min(0, steadyMs - newest.steadyMs) - minBackMs;

  const suspect = (ahead: boolean, { ts }: Timed, steadyMs: number): Suspects => {
    const differenceMs = ts - steadyMs;
    const isSame = suspects?.isAhead === ahead && Math.abs(differenceMs - suspects.differenceMs) <= minBackMs;
    if (!suspects || !isSame) suspects = { isAhead: ahead, sinceMs: steadyMs, differenceMs, count: 0 };
    suspects.count += 1;
    return suspects;
  };

  return {
    judge: (event, steadyMs) => {
      const { ts } = event;
      const ahead = isAhead(event, steadyMs);
      if (ahead || isBack(event, steadyMs)) {
        const { count, sinceMs } = suspect(ahead, event, steadyMs);
        const isProven = count >= believedAfter && (ahead || steadyMs - sinceMs >= backForMs);
        if (!isProven) return ahead ? 'absurd' : 'believed';
        suspects = undefined;
        newest = { ts, steadyMs };
        return 'stepped';
      }
      suspects = undefined;
      if (!newest || ts >= newest.ts) newest = { ts, steadyMs };
      return 'believed';
    },
  };
};
