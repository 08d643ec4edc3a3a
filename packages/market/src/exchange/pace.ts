import { createRhythm } from './rhythm.js';

/**
 * Whether what a stream last reported is of now. Quotes and statistics of an instrument come with its trades, or soon
 * after: where trades go on without them for longer than usual, their stream is dead, and its last report is old. A
 * market without trades makes nothing old. Times are those of a monotonic clock, or of the receive time in a recording.
 */
export interface Pace {
  reported(nowMs: number): void;
  traded(nowMs: number): void;
  readonly isOld: boolean;
}

/** Some exchanges report tickers seldom: how often is learnt, and less than this is never long. */
const leastMs = 10_000;

export const createPace = (): Pace => {
  const rhythm = createRhythm({ leastMs });
  /** The first trade since the last report. */
  let tradedAt: number | undefined;
  let isOld = false;

  return {
    reported(nowMs) {
      rhythm.touch(nowMs);
      tradedAt = undefined;
      isOld = false;
    },
    traded(nowMs) {
      tradedAt ??= nowMs;
      isOld ||= nowMs - tradedAt > rhythm.staleAfterMs();
    },
    get isOld() {
      return isOld;
    },
  };
};
