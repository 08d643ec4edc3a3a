import type { History, Message } from '@tickwire/channel-layer';
import { type BarInterval, type BarPart, barKind, type CatalogEntry, channelName } from '@tickwire/protocol';
import { barPart, baseOf, finerThan, type KlineKind } from '../bar-part.js';
import { UnmappableMessage } from '../payload-fields.js';

/** Groups asked for in one call of history. */
const groupsPerCall = 256;
/** Messages of a channel that are read at first, then, and at most. */
const counts = [200, 1_000, 4_000, 10_000] as const;

export type NewestOf = Pick<History, 'newest'>;

/** The newest ticker of each symbol, in their order; undefined where there is none yet. */
export const newestTickers = async (
  history: NewestOf,
  entries: readonly CatalogEntry[],
): Promise<readonly (Message | undefined)[]> => {
  const tickers: (Message | undefined)[] = [];
  for (let at = 0; at < entries.length; at += groupsPerCall) {
    const groups = entries
      .slice(at, at + groupsPerCall)
      .map(({ venue, symbol }) => channelName('ticker', venue, symbol));
    for (const { messages } of await history.newest(groups, 1)) tickers.push(messages[0]);
  }
  return tickers;
};

/** The newest trades as far back as is enough, or as history holds them. Oldest first. */
export const newestTrades = (
  history: NewestOf,
  { venue, symbol }: CatalogEntry,
  isEnough: (trades: readonly Message[]) => boolean,
): Promise<readonly Message[]> => readBack(history, channelName('trade', venue, symbol), (trades) => trades, isEnough);

/**
 * Bars as far back as is enough, or as history holds them, up to now. Oldest first. History has a bar once it is closed:
 * what came since is there as shorter ones.
 */
export const barsUpToNow = async (
  history: NewestOf,
  entry: CatalogEntry,
  kind: KlineKind,
  isEnough: (bars: readonly BarPart[]) => boolean,
): Promise<readonly BarPart[]> => {
  const base = baseOf(kind);
  const bars = [...(await newestBars(history, entry, base, isEnough))];
  for (const interval of finerThan(base)) {
    const reachedMs = bars.at(-1)?.end;
    const isBack = reachedMs === undefined ? isEnough : ([first]: readonly BarPart[]) => isUpTo(first, reachedMs);
    const newer = await newestBars(history, entry, interval, isBack);
    bars.push(...newer.filter(({ start }) => start >= (reachedMs ?? 0)));
  }
  return bars;
};

const minuteMs = 60_000;

/** For `newestBars`: so many minutes are there. */
export const hasMinutes =
  (minutes: number) =>
  (bars: readonly BarPart[]): boolean =>
    isUpTo(bars[0], (bars.at(-1)?.start ?? 0) - minutes * minuteMs);

export const isUpTo = (bar: BarPart | undefined, startMs: number): boolean => bar !== undefined && bar.start <= startMs;

/** As far back as is enough, or as history holds them. Oldest first, each once, in its last state. */
export const newestBars = (
  history: NewestOf,
  { venue, symbol }: CatalogEntry,
  interval: BarInterval,
  isEnough: (bars: readonly BarPart[]) => boolean,
): Promise<readonly BarPart[]> => {
  const barsOf = (messages: readonly Message[]): readonly BarPart[] => {
    const bars = new Map<number, BarPart>();
    for (const bar of mapped(messages, (message) => barPart(message, interval))) bars.set(bar.start, bar);
    // A bar without trades is published when it is closed, which may be after the next one has begun.
    return [...bars.values()].sort((a, b) => a.start - b.start);
  };
  return readBack(history, channelName(barKind(interval), venue, symbol), barsOf, isEnough);
};

const readBack = async <T>(
  history: NewestOf,
  group: string,
  read: (messages: readonly Message[]) => readonly T[],
  isEnough: (items: readonly T[]) => boolean,
): Promise<readonly T[]> => {
  let items: readonly T[] = [];
  for (const count of counts) {
    const [range] = await history.newest([group], count);
    const messages = range?.messages ?? [];
    items = read(messages);
    if (messages.length < count || isEnough(items)) break;
  }
  return items;
};

/** Leaves out messages of other writers that cannot be mapped to Binance's form, and those mapped to undefined. */
export const mapped = <T, R>(items: readonly T[], tell: (item: T) => R | undefined): R[] => {
  const told: R[] = [];
  for (const item of items) {
    try {
      const one = tell(item);
      if (one !== undefined) told.push(one);
    } catch (error) {
      if (!(error instanceof UnmappableMessage)) throw error;
    }
  }
  return told;
};
