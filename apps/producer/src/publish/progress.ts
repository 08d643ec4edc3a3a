import type { Clock } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';

export interface ProgressOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
}

/** Nothing can be published although something waits: since when, on the monotonic clock, and why. */
export interface Stall {
  readonly sinceMs: number;
  readonly reason: string;
}

/** Tracks whether a leader's messages get published. A stall is logged when it begins and when it ends, and so
 * are losses. */
export interface Progress {
  readonly stalled: Stall | undefined;
  /** When something was last published, on the monotonic clock; if nothing was, when the term began. */
  readonly publishedAt: number | undefined;
  begin(): void;
  failed(error: unknown): void;
  /** An attempt succeeded; `published` is the number of messages published so far. */
  succeeded(published: number): void;
  /** Messages that were dropped and nobody published. */
  readonly lostCount: number;
  count(lost: number): void;
  /** Counts messages lost from a full buffer, and logs it. */
  lost(count: number): void;
  end(): void;
}

export const createProgress = ({ clock, logger }: ProgressOptions): Progress => {
  let stalled: Stall | undefined;
  let publishedAt: number | undefined;
  let publishedCount = 0;
  let lostCount = 0;
  const losses = createStateLog({
    logger,
    trouble: 'the buffer is full: the oldest messages are lost',
    over: 'there is room in the buffer again',
    now: clock.monotonic,
  });

  return {
    get stalled() {
      return stalled;
    },
    get publishedAt() {
      return publishedAt;
    },
    begin() {
      publishedAt ??= clock.monotonic();
    },
    failed(error) {
      if (stalled === undefined) logger.warn({ err: error }, 'history out of reach: publishing waits');
      const reason = error instanceof Error ? error.message : String(error);
      stalled = { sinceMs: stalled?.sinceMs ?? clock.monotonic(), reason };
    },
    succeeded(published) {
      losses.worked();
      if (published > publishedCount) publishedAt = clock.monotonic();
      publishedCount = published;
      if (stalled === undefined) return;
      logger.info({ waitedMs: Math.round(clock.monotonic() - stalled.sinceMs) }, 'publishing continues');
      stalled = undefined;
    },
    get lostCount() {
      return lostCount;
    },
    count(lost) {
      lostCount += lost;
    },
    lost(count) {
      lostCount += count;
      if (count > 0) losses.failed();
    },
    end() {
      stalled = undefined;
      publishedAt = undefined;
    },
  };
};
