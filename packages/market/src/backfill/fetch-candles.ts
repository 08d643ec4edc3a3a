import { type Bar, compareDecimals, periodOf } from '@tickwire/protocol';
import { carriedBar } from '../bars/open-bar.js';
import type { OnBadEntry } from '../exchange/entries.js';
import type { Candle, Pair, RestGet, VenueCandles } from '../exchange/venue.js';
import { badField } from '../exchange/wire-fields.js';
import type { PastQuery } from '../feed.js';

export interface FetchCandlesOptions extends PastQuery {
  readonly venue: string;
  readonly pair: Pair;
  readonly candles: VenueCandles;
  readonly get: RestGet;
  readonly rts: () => number;
  readonly onBadEntry: OnBadEntry;
}

/**
 * Fetches the venue's own bars with a start from `fromMs` on and before `untilMs`, oldest first, each once, as far back
 * as it has them. A bar missing between two others had no trade, and carries the price; it is `incomplete` if it is
 * next to a row that could not be read.
 * @throws MarketError `rest-failed`, `bad-frame`
 */
export const fetchCandles = async (options: FetchCandlesOptions): Promise<readonly Bar[]> => {
  const { venue, pair, candles, interval, untilMs, get, rts, onBadEntry } = options;
  const { end: lengthMs } = periodOf(interval, 0);
  const byStart = new Map<number, Candle>();
  let isWhole = true;
  const onBad: OnBadEntry = (reason) => {
    isWhole = false;
    onBadEntry(reason);
  };
  const firstMs = Math.ceil(options.fromMs / lengthMs) * lengthMs;
  for (let fromMs = firstMs; fromMs < untilMs; fromMs += candles.max * lengthMs) {
    const endMs = Math.min(untilMs, fromMs + candles.max * lengthMs);
    const path = candles.path(pair, lengthMs, fromMs, endMs);
    for (const candle of candles.read(await get(path), pair, onBad)) {
      const { start } = candle;
      if (start < fromMs || start >= endMs) continue;
      if (isSound(candle, lengthMs)) byStart.set(start, candle);
      else onBad(badField('a candle', candle).message);
    }
  }
  const kind = { venue, symbol: pair.symbol, interval };
  const bars: Bar[] = [];
  for (const candle of [...byStart.values()].sort((a, b) => a.start - b.start)) {
    const { close } = bars.at(-1) ?? candle;
    for (let start = (bars.at(-1)?.start ?? candle.start) + lengthMs; start < candle.start; start += lengthMs)
      bars.push({ ...carriedBar(kind, start, lengthMs, close, rts(), !isWhole), source: 'venue' });
    const ts = candle.start + lengthMs - 1;
    bars.push({ type: 'price.bar', ...kind, ts, rts: rts(), ...candle, closed: true, source: 'venue' });
  }
  return bars;
};

const isSound = ({ start, open, high, low, close }: Candle, lengthMs: number): boolean =>
  start % lengthMs === 0 &&
  [open, close, low].every((each) => compareDecimals(each, high) <= 0) &&
  [open, close].every((each) => compareDecimals(each, low) >= 0);
