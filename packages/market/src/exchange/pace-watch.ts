import type { Clock } from '@tickwire/protocol';
import type { Quote } from '../feed.js';
import { createPaces, isOutside, type Paces } from './pace.js';

export interface PaceWatchOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called, at growing intervals, while trades go on without these reports. */
  readonly onLeftBehind: (what: Report) => void;
}

type Report = keyof Paces;

/**
 * Watches the streams beside that of the trades. Their silence costs no trade, so that nothing else notices it: bid,
 * ask and the day's statistics would stand still for hours.
 */
export interface PaceWatch {
  quoted(quote: Quote): void;
  summed(): void;
  traded(price: string): void;
  /** Must be called about once a second while the streams are subscribed. */
  check(): void;
}

/** Interval of the calls; doubles up to the longest. */
const leastGapMs = 60_000;
const mostGapMs = 1_800_000;

export const createPaceWatch = ({ clock, onLeftBehind }: PaceWatchOptions): PaceWatch => {
  const paces = createPaces();
  let quote: Quote | undefined;
  let dueAt = Number.NEGATIVE_INFINITY;
  let gapMs = leastGapMs;

  return {
    quoted(newest) {
      quote = newest;
      paces.quotes.reported(clock.monotonic());
    },
    summed: () => paces.statistics.reported(clock.monotonic()),
    traded(price) {
      const now = clock.monotonic();
      paces.quotes.traded(now, isOutside(quote, price));
      paces.statistics.traded(now, true);
    },
    check() {
      const now = clock.monotonic();
      const left = paces.quotes.isOld ? 'quotes' : paces.statistics.isOld ? 'statistics' : undefined;
      // Nothing was left behind for the longest interval: the trouble is over.
      if (left === undefined && now > dueAt + mostGapMs) gapMs = leastGapMs;
      if (left === undefined || now < dueAt) return;
      dueAt = now + gapMs;
      gapMs = Math.min(mostGapMs, gapMs * 2);
      onLeftBehind(left);
    },
  };
};
