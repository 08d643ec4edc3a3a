import type { Bar } from '@tickwire/protocol';

/** A bar as numbers: what a chart draws. Exact strings stay in the publications. */
export interface Candle {
  /** First millisecond. */
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly trades: number;
  readonly isClosed: boolean;
  readonly isIncomplete: boolean;
  /** At least a part of it is the venue's own bar. */
  readonly isOfVenue?: true;
}

/** The candles of one channel by time, without doubles, the oldest forgotten beyond `maxCandles`. */
export interface CandleSeries {
  readonly candles: readonly Candle[];
  readonly last: Candle | undefined;
  /** Grows when candles were put in or taken away anywhere but at the end. */
  readonly revision: number;
  /** Publications in any order, each any number of times. */
  add(bar: Bar): void;
  /** Index of the candle that holds this moment, or of the one before it; -1 before the first. */
  indexAt(ms: number): number;
  /** Starts of candles that should be there between the first and the last and are not. */
  missing(): readonly number[];
  clear(): void;
}

/** A trade counts as later than a candle only then: the candle of its own time may come a moment after it. */
const behindMs = 3_000;

/** Whether the last candle's close may be shown as the price of now: no later trade is known. */
export const isPresent = ({ last }: CandleSeries, lengthMs: number, lastTradeMs: number | undefined): boolean =>
  last === undefined || lastTradeMs === undefined || lastTradeMs < last.start + lengthMs + behindMs;

export interface CandleSeriesOptions {
  readonly intervalMs: number;
  readonly maxCandles: number;
}

export const createCandleSeries = ({ intervalMs, maxCandles }: CandleSeriesOptions): CandleSeries => {
  let candles: Candle[] = [];
  let revision = 0;

  const indexAt = (ms: number): number => {
    let low = 0;
    let high = candles.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((candles[middle] as Candle).start <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  const put = (candle: Candle): void => {
    const last = candles.at(-1);
    if (last === undefined || candle.start > last.start) {
      candles.push(candle);
      // In larger steps: taking one away means drawing all of them again.
      if (candles.length > maxCandles * 1.1) {
        candles = candles.slice(-maxCandles);
        revision += 1;
      }
      return;
    }
    const at = indexAt(candle.start);
    const known = candles[at];
    if (known?.start !== candle.start) {
      candles.splice(at + 1, 0, candle);
      revision += 1;
    } else if (isNews(known, candle)) {
      candles[at] = candle;
      if (at < candles.length - 1) revision += 1;
    }
  };

  return {
    get candles() {
      return candles;
    },
    get last() {
      return candles.at(-1);
    },
    get revision() {
      return revision;
    },
    add: (bar) => put(toCandle(bar)),
    indexAt,
    missing() {
      const starts: number[] = [];
      for (let i = 1; i < candles.length; i += 1) {
        const until = (candles[i] as Candle).start;
        for (let at = (candles[i - 1] as Candle).start + intervalMs; at < until; at += intervalMs) starts.push(at);
      }
      return starts;
    },
    clear() {
      candles = [];
      revision += 1;
    },
  };
};

/**
 * A bar only grows until it is closed, so the one with more trades is the newer one, whichever came first. A closed one
 * comes again to say that it is incomplete, and then as the venue has it: the one that knows more is the newer one.
 */
const isNews = (known: Candle, candle: Candle): boolean =>
  known.isClosed
    ? candle.isClosed && knowledge(candle) > knowledge(known)
    : candle.isClosed || candle.trades >= known.trades;

const knowledge = ({ isIncomplete, isOfVenue }: Candle): number => {
  if (isOfVenue) return isIncomplete ? 2 : 3;
  return isIncomplete ? 1 : 0;
};

const toCandle = (bar: Bar): Candle => ({
  start: bar.start,
  open: Number(bar.open),
  high: Number(bar.high),
  low: Number(bar.low),
  close: Number(bar.close),
  volume: Number(bar.volume),
  trades: bar.trades,
  isClosed: bar.closed,
  isIncomplete: bar.incomplete === true,
  ...(bar.source === 'venue' && { isOfVenue: true }),
});

/**
 * Where a moment lies on an axis that counts candles: the middle of candle n is n. Where candles are missing the axis
 * has no room, so a moment in the hole lies between its neighbours; beyond both ends it goes on at the interval's pace.
 */
export const logicalAt = (
  candles: readonly Candle[],
  indexAt: (ms: number) => number,
  ms: number,
  intervalMs: number,
) => {
  // A candle's price is that of its end: what is known at `ms` stands in the candle that ends there.
  const at = ms - intervalMs;
  const first = candles[0];
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return 0;
  if (at <= first.start) return (at - first.start) / intervalMs;
  if (at >= last.start) return candles.length - 1 + (at - last.start) / intervalMs;
  const index = indexAt(at);
  const here = candles[index] as Candle;
  const next = candles[index + 1] as Candle;
  return index + (at - here.start) / (next.start - here.start);
};
