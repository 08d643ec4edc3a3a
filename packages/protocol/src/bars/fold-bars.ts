import { compareDecimals } from '../decimal/compare-decimals.js';
import { addDecimal, emptySum, formatSum } from '../decimal/decimal-sum.js';
import type { Bar } from '../messages.js';
import { type Period, periodOf } from './period.js';

type BarFigure =
  | 'ts'
  | 'rts'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'volume'
  | 'quoteVolume'
  | 'takerBuyVolume'
  | 'takerBuyQuoteVolume'
  | 'trades'
  | 'closed'
  | 'incomplete';

/** What a bar, or some bars together, say of the time from `start` to `end`. */
export interface BarPart extends Pick<Bar, BarFigure>, Period {}

export const partOf = (bar: Bar): BarPart => ({ ...bar, end: periodOf(bar.interval, bar.start).end });

/**
 * Bars of a period, oldest first and none twice, as one: the bar that its trades would have made. The result may be
 * folded again with what comes behind it. A bar without trades only carries a price, and gives none as long as another
 * has one. It is closed once the last one is and reaches the end of the period, and incomplete where one is or some are
 * missing. Volumes are exact; those of takers are known where they are of all.
 */
export const foldBars = (parts: readonly [BarPart, ...BarPart[]], period: Period): BarPart => {
  const [first] = parts;
  const last = parts.at(-1) ?? first;
  const traded = parts.filter(hasTrades);
  const [opening = first] = traded;
  const closing = traded.at(-1) ?? last;
  let { high, low } = opening;
  let trades = 0;
  let incomplete = first.start > period.start;
  let reachedMs = first.start;
  for (const part of traded) {
    if (compareDecimals(part.high, high) > 0) high = part.high;
    if (compareDecimals(part.low, low) < 0) low = part.low;
  }
  for (const part of parts) {
    trades += part.trades;
    incomplete ||= part.incomplete === true || part.start > reachedMs;
    reachedMs = part.end;
  }
  const takerBuyVolume = sumOf(traded, ({ takerBuyVolume: volume }) => volume);
  const takerBuyQuoteVolume = sumOf(traded, ({ takerBuyQuoteVolume: volume }) => volume);
  return {
    start: period.start,
    end: last.end,
    ts: last.ts,
    rts: last.rts,
    open: opening.open,
    high,
    low,
    close: closing.close,
    volume: sumOf(parts, ({ volume }) => volume) ?? '0',
    quoteVolume: sumOf(parts, ({ quoteVolume }) => quoteVolume) ?? '0',
    ...(takerBuyVolume !== undefined && { takerBuyVolume }),
    ...(takerBuyQuoteVolume !== undefined && { takerBuyQuoteVolume }),
    trades,
    closed: last.closed && last.end >= period.end,
    ...(incomplete && { incomplete }),
  };
};

/** A venue may not say how many there were. */
const hasTrades = ({ trades, volume }: BarPart): boolean => trades > 0 || /[1-9]/.test(volume);

/** Undefined where one has none. */
const sumOf = (parts: readonly BarPart[], amountOf: (part: BarPart) => string | undefined): string | undefined => {
  const sum = emptySum();
  for (const part of parts) {
    const amount = amountOf(part);
    if (amount === undefined) return undefined;
    addDecimal(sum, amount);
  }
  return formatSum(sum);
};
