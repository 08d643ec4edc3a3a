import { type Bar, compareDecimals, periodOf } from '@tickwire/protocol';
import { carriedBar } from '../bars/open-bar.js';
import { MarketError } from '../errors.js';
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

/** A page that lacks more than this many at one end, of as many or more that it has, is asked for the rest. */
const mostRest = 60;
/** So many rows in a row do not stand on a coarser grid by chance. */
const enoughRows = 5;
const coarser = 5;

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
  const page = async (fromMs: number, endMs: number): Promise<void> => {
    const rows = candles.read(await get(candles.path(pair, lengthMs, fromMs, endMs)), pair, onBad);
    assertInterval(rows, lengthMs);
    const starts: number[] = [];
    for (const candle of rows) {
      const { start } = candle;
      if (start < fromMs || start >= endMs) continue;
      starts.push(start);
      if (isSound(candle, lengthMs)) byStart.set(start, candle);
      else onBad(badField('a candle', candle).message);
    }
    if (starts.length < mostRest || candles.max === Number.POSITIVE_INFINITY) return;
    // A venue that has lowered its limit gives the oldest or the newest part of a page.
    const [oldest, newest] = [Math.min(...starts), Math.max(...starts)];
    if (oldest - fromMs > mostRest * lengthMs) await page(fromMs, oldest);
    if (endMs - newest > mostRest * lengthMs) await page(newest + lengthMs, endMs);
  };
  const firstMs = Math.ceil(options.fromMs / lengthMs) * lengthMs;
  for (let fromMs = firstMs; fromMs < untilMs; fromMs += candles.max * lengthMs)
    await page(fromMs, Math.min(untilMs, fromMs + candles.max * lengthMs));
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

/**
 * Rows of another interval would pass for ours where they start together, and what is between them for a time without
 * trades.
 */
const assertInterval = (rows: readonly Candle[], lengthMs: number): void => {
  if (rows.length < enoughRows) return;
  const starts = rows.map(({ start }) => start).sort((a, b) => a - b);
  const stepMs = starts.reduce(
    (step, start, at) => (at === 0 ? 0 : divisor(step, start - (starts[at - 1] as number))),
    0,
  );
  const isOurs = rows.filter(({ start }) => start % lengthMs === 0).length > rows.length / 2;
  if (isOurs && stepMs < coarser * lengthMs) return;
  throw new MarketError('bad-frame', `expected candles of ${lengthMs / 1_000} s, got some ${stepMs / 1_000} s apart`);
};

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
