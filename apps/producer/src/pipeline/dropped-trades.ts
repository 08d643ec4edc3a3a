import type { BarCounters } from '@tickwire/market';
import type { BarInterval, Gap, Trade } from '@tickwire/protocol';
import { createStateLog, type Logger, type StateLog } from '@tickwire/runtime';

export interface DroppedTradesOptions {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Trades and bars that a venue's bars lack since the start. */
export interface BarLosses extends Readonly<BarCounters> {
  readonly venue: string;
  readonly interval: BarInterval;
}

const lineMs = 10_000;
const texts = {
  late: 'trades come after their bars were closed: the stream lags, or a clock was set',
  ahead: 'trades lie far in the future: a clock is wrong',
} as const;

/** Logs trades that no bar accepted: one line per venue in ten seconds, with their number. */
export const createDroppedTradesLog = ({ logger, now }: DroppedTradesOptions) => {
  const logs = new Map<string, StateLog>();
  return ({ venue, symbol, ts, rts }: Trade, reason: 'late' | 'ahead', interval: BarInterval): void => {
    const key = `${venue} ${reason} ${interval}`;
    const log = logs.get(key) ?? createStateLog({ logger, trouble: texts[reason], everyMs: lineMs, now });
    logs.set(key, log);
    log.failed({ venue, symbol, interval, latenessMs: rts - ts });
  };
};

const gapText = 'trades are missing: the venue did not give them when asked';

/** Logs holes in the trades of venues: one line per venue in ten seconds, with their number. */
export const createGapLog = ({ logger, now }: DroppedTradesOptions): ((gap: Gap) => void) => {
  const logs = new Map<string, StateLog>();
  return ({ venue, symbol, afterId, beforeId }) => {
    const log = logs.get(venue) ?? createStateLog({ logger, trouble: gapText, everyMs: lineMs, now });
    logs.set(venue, log);
    log.failed({ venue, symbol, afterId, beforeId });
  };
};

/** Sums up the counters of each venue's pipelines. */
export const sumLosses = (
  pipelines: Iterable<{ readonly venue: string; readonly bars: ReadonlyMap<BarInterval, Readonly<BarCounters>> }>,
): readonly BarLosses[] => {
  const sums = new Map<string, { venue: string; interval: BarInterval } & BarCounters>();
  for (const { venue, bars } of pipelines) {
    for (const [interval, { lateTrades, aheadTrades, skippedBars }] of bars) {
      const key = `${venue} ${interval}`;
      const sum = sums.get(key) ?? { venue, interval, lateTrades: 0, aheadTrades: 0, skippedBars: 0 };
      sum.lateTrades += lateTrades;
      sum.aheadTrades += aheadTrades;
      sum.skippedBars += skippedBars;
      sums.set(key, sum);
    }
  }
  return [...sums.values()];
};
