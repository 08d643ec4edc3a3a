import type { Recording } from '@tickwire/market/testing';
import { readLines } from './recordings.js';

/** A trade from the table beside a recording. */
export interface TableTrade {
  readonly id: string;
  readonly ts: number;
  readonly price: string;
  readonly size: string;
  readonly side: string;
}

/** The expected content of a closed bar; amounts in units of 10^-8, products of 10^-16. */
export interface TableBar {
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: bigint;
  readonly quoteVolume: bigint;
  readonly trades: number;
}

/**
 * Trades and best prices of several recordings as they came over the wire, in the order of arrival.
 * @param isWanted also gets how many were read before
 */
export const framesOf = async (
  recordings: readonly Recording[],
  isWanted: (frame: string, at: number) => boolean,
): Promise<readonly string[]> => {
  let came = 0;
  const received: { readonly at: bigint; readonly frame: string }[] = [];
  for (const { frameFiles } of recordings) {
    for (const file of frameFiles) {
      for await (const line of readLines(file)) {
        const space = line.indexOf(' ');
        const frame = line.slice(space + 1);
        if (!/@(trade|bookTicker)"/.test(frame)) continue;
        if (isWanted(frame, came)) received.push({ at: BigInt(line.slice(0, space)), frame });
        came += 1;
      }
    }
  }
  // A stable sort keeps the frames of one connection in order.
  return received.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ frame }) => frame);
};

export const tableOf = async ({ tradesFile }: Recording): Promise<readonly TableTrade[]> => {
  const trades: TableTrade[] = [];
  for await (const line of readLines(tradesFile)) {
    const [, , ts = '', id = '', price = '', size = '', side = ''] = line.split(',');
    if (/^\d+$/.test(ts)) trades.push({ id, ts: Number(ts), price, size, side });
  }
  return trades;
};

/** The largest number of trades whose venue times lie within this many milliseconds. */
export const largestBurst = (trades: readonly TableTrade[], withinMs: number): number => {
  let most = 0;
  for (let from = 0, to = 0; to < trades.length; to += 1) {
    while ((trades[to]?.ts ?? 0) - (trades[from]?.ts ?? 0) >= withinMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
};

/** `1.5` in units of 10^-8, exactly. */
export const units = (decimal: string, digits = 8): bigint => {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(digits, '0'));
};

/** Computes bars independently of the product, with integers. */
export const barsOf = (trades: readonly TableTrade[], lengthMs: number): readonly TableBar[] => {
  const byStart = new Map<number, TableTrade[]>();
  for (const trade of trades) {
    const start = trade.ts - (trade.ts % lengthMs);
    const mine = byStart.get(start);
    if (mine === undefined) byStart.set(start, [trade]);
    else mine.push(trade);
  }
  const starts = [...byStart.keys()].sort((a, b) => a - b);
  const bars: TableBar[] = [];
  for (let start = starts[0] ?? 0; start <= (starts.at(-1) ?? -1); start += lengthMs) {
    const mine = byStart.get(start);
    const before = bars.at(-1)?.close ?? '';
    if (mine === undefined) {
      const price = { open: before, high: before, low: before, close: before };
      bars.push({ start, ...price, volume: 0n, quoteVolume: 0n, trades: 0 });
      continue;
    }
    const sorted = [...mine].sort((a, b) => (units(a.price) < units(b.price) ? -1 : 1));
    bars.push({
      start,
      open: mine[0]?.price ?? '',
      high: sorted.at(-1)?.price ?? '',
      low: sorted[0]?.price ?? '',
      close: mine.at(-1)?.price ?? '',
      volume: mine.reduce((sum, { size }) => sum + units(size), 0n),
      quoteVolume: mine.reduce((sum, { price, size }) => sum + units(price) * units(size), 0n),
      trades: mine.length,
    });
  }
  return bars;
};
