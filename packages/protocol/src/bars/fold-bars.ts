import { addDecimal, compareDecimals, emptySum, formatSum } from '../decimal.js';
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

/** The content of a bar, or of some bars together, for the time from `start` to `end`. */
export interface BarPart extends Pick<Bar, BarFigure>, Period {}

export const partOf = (bar: Bar): BarPart => ({ ...bar, end: periodOf(bar.interval, bar.start).end });

/**
 * Folds bars of a period, oldest first and without repeats, into one: the bar that its trades would have made. The
 * result may be folded again with later bars. A bar without trades only carries a price, which counts only if no bar
 * has trades. The result is closed once the last bar is closed and reaches the end of the period. It is incomplete if a
 * bar is incomplete or missing. Volumes are exact; those of takers are known if all bars have them.
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

/** A venue may not report the number of trades. */
const hasTrades = ({ trades, volume }: BarPart): boolean => trades > 0 || /[1-9]/.test(volume);

/** Undefined if a bar has no value. */
const sumOf = (parts: readonly BarPart[], amountOf: (part: BarPart) => string | undefined): string | undefined => {
  const sum = emptySum();
  for (const part of parts) {
    const amount = amountOf(part);
    if (amount === undefined) return undefined;
    addDecimal(sum, amount);
  }
  return formatSum(sum);
};
