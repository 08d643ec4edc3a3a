import { compareDecimals } from '@tickwire/protocol';
import type { Quote } from '../feed.js';
import { createRhythm } from './rhythm.js';

/**
 * Whether what a stream last reported is of now. Quotes and statistics of an instrument come with its trades, or soon
 * after: where trades go on without them for longer than usual, their stream is dead, and its last report is old. A
 * market without trades makes nothing old. Times are those of a monotonic clock, or of the receive time in a recording.
 */
export interface Pace {
  reported(nowMs: number): void;
  /** `contradicts`: the trade does not agree with the last report. */
  traded(nowMs: number, contradicts: boolean): void;
  readonly isOld: boolean;
}

/** Some exchanges report seldom: how often is learnt, and a silence of less than `leastMs` is never long. */
export const createPace = (leastMs: number): Pace => {
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
    traded(nowMs, contradicts) {
      tradedAt ??= nowMs;
      isOld ||= contradicts && nowMs - tradedAt > rhythm.staleAfterMs();
    },
    get isOld() {
      return isOld;
    },
  };
};

export interface Paces {
  readonly quotes: Pace;
  readonly statistics: Pace;
}

/** Some venues report statistics with best prices only, and these may stand for minutes. */
const leastMs = { quotes: 10_000, statistics: 300_000 };

export const createPaces = (): Paces => ({
  quotes: createPace(leastMs.quotes),
  statistics: createPace(leastMs.statistics),
});

/** Best prices may stand still while many trade at them; a trade elsewhere shows that they have moved. */
export const isOutside = (quote: Pick<Quote, 'bid' | 'ask'> | undefined, price: string): boolean =>
  (quote?.bid !== undefined && compareDecimals(price, quote.bid) < 0) ||
  (quote?.ask !== undefined && compareDecimals(price, quote.ask) > 0);
