import type { Clock } from '@tickwire/protocol';
import { createPace } from './pace.js';

export interface PaceWatchOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called, at growing intervals, while trades go on without these reports. */
  readonly onLeftBehind: (what: Report) => void;
}

type Report = 'quotes' | 'statistics';

/**
 * Watches the streams beside that of the trades. Their silence costs no trade, so that nothing else notices it: bid,
 * ask and the day's statistics would stand still for hours.
 */
export interface PaceWatch {
  reported(what: Report): void;
  traded(): void;
  /** Must be called about once a second while the streams are subscribed. */
  check(): void;
}

/** Interval of the calls; doubles up to the longest. */
const leastGapMs = 60_000;
const mostGapMs = 1_800_000;

export const createPaceWatch = ({ clock, onLeftBehind }: PaceWatchOptions): PaceWatch => {
  const paces = { quotes: createPace(), statistics: createPace() };
  let dueAt = Number.NEGATIVE_INFINITY;
  let gapMs = leastGapMs;

  return {
    reported: (what) => paces[what].reported(clock.monotonic()),
    traded() {
      for (const pace of Object.values(paces)) pace.traded(clock.monotonic());
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
