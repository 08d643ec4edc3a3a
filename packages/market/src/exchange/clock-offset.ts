import type { Clock } from '@tickwire/protocol';
import type { RestClient } from './rest-client.js';
import type { Venue } from './venue.js';

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
  /**
   * The earliest time that it can be at the venue. Undefined before the first sample, and if our two clocks ran apart
   * since the last: the machine may have slept, and monotonic time stood still.
   */
  venueNow(): number | undefined;
}

interface Sample {
  /** The venue's time minus monotonic time, so a step of our wall clock does not matter. */
  readonly aheadMs: number;
  readonly errorMs: number;
  readonly answeredAt: number;
  /** Our wall clock minus monotonic time. */
  readonly wallAheadMs: number;
}

const kept = 8;
const mostApartMs = 1_000;

/**
 * As in NTP (RFC 5905): the venue's time belongs to the middle of the round trip, and half the round trip bounds the
 * error, so the fastest of the last eight samples is the best.
 */
export const createClockOffsetEstimator = (clock: Pick<Clock, 'wall' | 'monotonic'>): ClockOffsetEstimator => {
  const samples: Sample[] = [];
  const wallAhead = (): number => clock.wall() - clock.monotonic();
  return {
    add: (sentAt, answeredAt, venueMs) => {
      const errorMs = (answeredAt - sentAt) / 2;
      samples.push({ aheadMs: venueMs - (sentAt + errorMs), errorMs, answeredAt, wallAheadMs: wallAhead() });
      if (samples.length > kept) samples.shift();
    },
    estimate: () => {
      const best = samples.reduce((one, other) => (one && one.errorMs < other.errorMs ? one : other), samples[0]);
      if (!best) return undefined;
      const { aheadMs, errorMs, answeredAt } = best;
      const wallAheadMs = wallAhead();
      return { offsetMs: aheadMs - wallAheadMs, errorMs, measuredAt: Math.round(answeredAt + wallAheadMs) };
    },
    venueNow: () => {
      const newest = samples.at(-1);
      if (!newest || Math.abs(wallAhead() - newest.wallAheadMs) > mostApartMs) return undefined;
      return clock.monotonic() + newest.aheadMs - newest.errorMs;
    },
  };
};

export interface ClockMeterOptions {
  readonly clock: Clock;
  readonly get: RestClient['get'];
  /** Asks the venue for its time; undefined if it does not give it. */
  readonly time: Venue['rest']['time'];
}

/** Asks a venue for its time now and then. */
export interface ClockMeter extends ClockOffsetEstimator {
  start(): void;
  /** Idempotent. */
  close(): void;
}

const measureMs = 600_000;

export const createClockMeter = ({ clock, get, time }: ClockMeterOptions): ClockMeter => {
  const estimator = createClockOffsetEstimator(clock);
  let undo: (() => void) | undefined;

  const measure = (): void => {
    undo = clock.after(measureMs, measure);
    let sentAt = Number.POSITIVE_INFINITY;
    const timed = (path: string): Promise<unknown> =>
      get(path, (at) => {
        sentAt = at;
      });
    time?.(timed).then(
      (venueMs) => estimator.add(sentAt, clock.monotonic(), venueMs),
      () => {}, // counted by the client; the next measurement is not far
    );
  };

  return {
    ...estimator,
    start() {
      if (time !== undefined) measure();
    },
    close() {
      undo?.();
    },
  };
};
