import type { Clock } from '@tickwire/protocol';

/** When a connection is replaced: before the venue cuts it, and, but not too often, because of missing data. */
export interface ReplacementPlan {
  readonly isDue: boolean;
  /** The connection that was opened then is replaced before the venue cuts it. */
  opened(atMs: number): void;
  /** It is replaced after this time at the latest. */
  within(ms: number): void;
  /** It is replaced after this time, and not before. */
  after(ms: number): void;
  /** A replacement has begun, or there is no connection. */
  cancel(): void;
  /** False where data was missing a short time ago too: a new connection does not help then. */
  admit(): boolean;
}

export interface ReplacementPlanOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: () => number;
  /** After this time the venue cuts a connection; undefined if it does not. */
  readonly maxConnectionMs: number | undefined;
}

/** Shortest time between two replacements because of missing data; doubles up to the longest. */
export const leastReplaceGapMs = 60_000;
const mostReplaceGapMs = 1_800_000;

export const createReplacementPlan = ({ clock, random, maxConnectionMs }: ReplacementPlanOptions): ReplacementPlan => {
  let dueAt = Number.POSITIVE_INFINITY;
  let gapMs = leastReplaceGapMs;
  let notBefore = 0;

  return {
    get isDue() {
      return clock.monotonic() >= dueAt;
    },
    opened(atMs) {
      if (maxConnectionMs === undefined) return;
      // In the last tenth of its life, so that connections opened together are not replaced together.
      dueAt = Math.min(dueAt, atMs + maxConnectionMs * (0.85 + 0.1 * random()));
    },
    within(ms) {
      dueAt = Math.min(dueAt, clock.monotonic() + ms);
    },
    after(ms) {
      dueAt = clock.monotonic() + ms;
    },
    cancel() {
      dueAt = Number.POSITIVE_INFINITY;
    },
    admit() {
      const now = clock.monotonic();
      if (now < notBefore) return false;
      // There was no replacement for the longest gap: the trouble is over.
      if (now - notBefore > mostReplaceGapMs) gapMs = leastReplaceGapMs;
      notBefore = now + gapMs;
      gapMs = Math.min(mostReplaceGapMs, gapMs * 2);
      return true;
    },
  };
};
