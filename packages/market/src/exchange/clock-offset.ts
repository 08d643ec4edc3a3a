import type { Clock } from '@tickwire/protocol';

/** Difference of two clocks: `offsetMs` is the venue's minus ours. */
export interface ClockOffset {
  readonly offsetMs: number;
  /** Largest error of `offsetMs`, unless the venue's clock was set since. */
  readonly errorMs: number;
  /** Time by our wall clock. */
  readonly measuredAt: number;
}

export interface ClockOffsetEstimator {
  /** Takes the monotonic times of a request and its answer, and the venue's time in it. */
  add(sentAt: number, answeredAt: number, venueMs: number): void;
  /** The best of the last samples, relative to our present wall clock; undefined before the first. */
  estimate(): ClockOffset | undefined;
}

interface Sample {
  /** The venue's time minus monotonic time, so a step of our wall clock does not matter. */
  readonly aheadMs: number;
  readonly errorMs: number;
  readonly answeredAt: number;
}

const kept = 8;

/**
 * As in NTP (RFC 5905): the venue's time belongs to the middle of the round trip, and half the round trip bounds the
 * error, so the fastest of the last eight samples is the best.
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
