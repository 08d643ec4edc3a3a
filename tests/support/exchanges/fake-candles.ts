import type { FakeSymbol, Faults } from './fake-exchange-types.js';

/** A candle as the fake market knows it. */
export interface FakeCandle {
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly trades: number;
}

/** Nothing was traded in every 17th stretch: where a venue leaves those out, it has no candle. */
export const isQuiet = (start: number, lengthMs: number): boolean => (start / lengthMs) % 17 === 0;

/** Follows from the time alone, so that whoever asks for it again gets the same. */
export const fakeCandles = (
  { priceDecimals, sizeDecimals }: FakeSymbol,
  lengthMs: number,
  fromMs: number,
  untilMs: number,
): readonly FakeCandle[] => {
  const candles: FakeCandle[] = [];
  const price = (ticks: number): string => (ticks / 10 ** priceDecimals).toFixed(priceDecimals);
  const first = Math.ceil(fromMs / lengthMs);
  for (let at = first; at * lengthMs < untilMs; at += 1) {
    if (isQuiet(at * lengthMs, lengthMs)) continue;
    const ticks = 1_000_000 + ((at * 7_919) % 1_000);
    candles.push({
      start: at * lengthMs,
      open: price(ticks),
      high: price(ticks + 30),
      low: price(ticks - 20),
      close: price(ticks + 10),
      volume: (1 + (at % 50)).toFixed(sizeDecimals),
      trades: 1 + (at % 9),
    });
  }
  return candles;
};

/** Those of a market that has any. */
export const candlesOf = (faults: Faults, ...query: Parameters<typeof fakeCandles>): readonly FakeCandle[] =>
  faults.hasCandles ? fakeCandles(...query) : [];

/** Uses up one of the faults. */
export const isOdd = (faults: Faults): boolean => {
  if (faults.oddCandles === 0) return false;
  faults.oddCandles -= 1;
  return true;
};
