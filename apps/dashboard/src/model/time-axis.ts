import type { Candle } from './candle-series.js';

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
