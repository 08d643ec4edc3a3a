/** Difference of two clocks: `offsetMs` is the venue's minus ours. */
export interface ClockOffset {
  readonly offsetMs: number;
  /** The true difference lies within this of it, unless the venue's clock moved since. */
  readonly errorMs: number;
  readonly measuredAt: number;
}

export interface ClockOffsetEstimator {
  /** A question sent and answered, and the venue's time in the answer. */
  add(sentAt: number, answeredAt: number, venueMs: number): void;
  /** The best of the last samples; undefined before the first. */
  estimate(): ClockOffset | undefined;
}

const kept = 8;

/**
 * As NTP does (RFC 5905): the venue's time belongs to the middle of the round trip, and half the round trip bounds the
 * error, so the fastest of the last eight is the best.
 */
export const createClockOffsetEstimator = (): ClockOffsetEstimator => {
  const samples: ClockOffset[] = [];
  return {
    add: (sentAt, answeredAt, venueMs) => {
      if (answeredAt < sentAt) return; // our own clock was set back meanwhile
      const errorMs = (answeredAt - sentAt) / 2;
      samples.push({ offsetMs: venueMs - (sentAt + errorMs), errorMs, measuredAt: answeredAt });
      if (samples.length > kept) samples.shift();
    },
    estimate: () =>
      samples.reduce((best, sample) => (best && best.errorMs < sample.errorMs ? best : sample), samples[0]),
  };
};
