import type { Forecast } from '@tickwire/protocol';
import type { Forecasting } from '../pipeline/forecasting.js';
import type { MarketNow } from '../pipeline/market-sample.js';

export const start = Date.UTC(2024, 7, 9);
export const instrument = { venue: 'sim', symbol: 'BTC-USD' };
export const noQuote = { quote: undefined, isLive: true };

/** A price that moves the same way every time. */
export const priceAt = (second: number): string => (60_000 + 10 * Math.sin(second * 1.7) + (second % 7)).toFixed(2);

export interface Walk {
  readonly from: number;
  readonly to: number;
  readonly price?: (second: number) => string;
  /** Error of the wall clock. */
  readonly offMs?: (second: number) => number;
  readonly market?: Partial<MarketNow>;
}

/** Advances once a second, in the middle of it, with a trade before each call. */
export const walk = (
  forecasting: Forecasting,
  { from, to, price = priceAt, offMs = () => 0, market }: Walk,
): Forecast[] => {
  const made: Forecast[] = [];
  for (let second = from; second < to; second += 1) {
    const monotonic = second * 1_000;
    const wall = start + monotonic + offMs(second);
    const now = { ticker: { last: price(second) }, ...noQuote, ts: wall, tradedTs: wall, ...market };
    const forecast = forecasting.advance({ wall, monotonic }, now);
    if (forecast !== undefined) made.push(forecast);
  }
  return made;
};

export const bounds = (forecast: Forecast | undefined, horizon = 0): number[] =>
  [95, 90, 80, 50]
    .flatMap((level) => forecast?.horizons[horizon]?.levels[level as 50 | 80 | 90 | 95] ?? [])
    .map(Number);

export const kept = (forecasting: Forecasting): unknown => JSON.parse(JSON.stringify(forecasting.snapshot()));
