import type { Clock } from '@tickwire/protocol';

/** Difference of two clocks: `offsetMs` is the venue's minus ours. */
export interface ClockOffset {
  readonly offsetMs: number;
  /** The true difference lies within this of it, unless the venue's clock moved since. */
  readonly errorMs: number;
  /** By our wall clock. */
  readonly measuredAt: number;
}

export interface ClockOffsetEstimator {
  /** A question sent and answered, in monotonic time, and the venue's time in the answer. */
  add(sentAt: number, answeredAt: number, venueMs: number): void;
  /** The best of the last samples, against our wall clock as it is now; undefined before the first. */
  estimate(): ClockOffset | undefined;
}

interface Sample {
  /** The venue's time minus monotonic time: a step of our wall clock does not spoil it. */
  readonly aheadMs: number;
  readonly errorMs: number;
  readonly answeredAt: number;
}

const kept = 8;

/**
 * As NTP does (RFC 5905): the venue's time belongs to the middle of the round trip, and half the round trip bounds the
 * error, so the fastest of the last eight is the best.
 */
export const createClockOffsetEstimator = (clock: Pick<Clock, 'wall' | 'monotonic'>): ClockOffsetEstimator => {
  const samples: Sample[] = [];
  return {
    add: (sentAt, answeredAt, venueMs) => {
      const errorMs = (answeredAt - sentAt) / 2;
      samples.push({ aheadMs: venueMs - (sentAt + errorMs), errorMs, answeredAt });
      if (samples.length > kept) samples.shift();
    },
    estimate: () => {
      const best = samples.reduce((one, other) => (one && one.errorMs < other.errorMs ? one : other), samples[0]);
      if (!best) return undefined;
      const { aheadMs, errorMs, answeredAt } = best;
      const wallAheadMs = clock.wall() - clock.monotonic();
      return { offsetMs: aheadMs - wallAheadMs, errorMs, measuredAt: Math.round(answeredAt + wallAheadMs) };
    },
  };
};
