/** Nothing was traded before bitcoin existed: zero, seconds read as milliseconds, or a time that was never set. */
export const earliestMs = Date.UTC(2009, 0, 1);

/**
 * A venue time further ahead than this is an error in the data (seconds read as milliseconds, or a wrong day). If it
 * were believed, it would close every bar up to it and empty the window of the day.
 */
const maxAheadMs = 3_600_000;
/** This many in a row that agree with each other are not an error: a clock is wrong, ours or the venue's. */
const believedAfter = 3;

interface Timed {
  readonly ts: number;
  readonly rts: number;
}

/** Detects venue times that must not be believed, among events of one kind of one instrument. */
export interface AbsurdTimes {
  /** Learns from every event, absurd ones too: a clock that stepped is believed after a few events. */
  isAbsurd(event: Timed): boolean;
}

export const createAbsurdTimes = (): AbsurdTimes => {
  /** The newest believed venue time. Our own clock may have been set back since. */
  let newestTs = Number.NEGATIVE_INFINITY;
  let suspectTs = Number.NaN;
  let suspects = 0;

  return {
    isAbsurd: ({ ts, rts }) => {
      if (ts > Math.max(rts, newestTs) + maxAheadMs) {
        suspects = Math.abs(ts - suspectTs) <= maxAheadMs ? suspects + 1 : 1;
        suspectTs = ts;
        if (suspects < believedAfter) return true;
      }
      suspects = 0;
      newestTs = Math.max(newestTs, ts);
      return false;
    },
  };
};
