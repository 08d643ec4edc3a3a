import type { Message } from '@tickwire/channel-layer';
import { type BarInterval, type BarPart, barKind, type CatalogEntry, channelName } from '@tickwire/protocol';
import { barPart, baseOf, finerThan, type KlineKind } from '../bar-part.js';
import type { AnswerPast, Past } from '../past.js';
import { UnmappableMessage } from '../payload-fields.js';

/** Messages of a channel that are read at first, then, and at most. */
const counts = [200, 1_000, 4_000, 10_000] as const;

/** The newest ticker of each symbol, in their order; undefined where there is none yet. */
export const newestTickers = (
  past: AnswerPast,
  entries: readonly CatalogEntry[],
): Promise<readonly (Message | undefined)[]> =>
  past.newestOfEach(entries.map(({ venue, symbol }) => channelName('ticker', venue, symbol)));

/** The newest trades as far back as is enough, or as history holds them. Oldest first. */
export const newestTrades = (
  past: Past,
  { venue, symbol }: CatalogEntry,
  isEnough: (trades: readonly Message[]) => Promise<boolean>,
): Promise<readonly Message[]> =>
  readBack(past, channelName('trade', venue, symbol), async (trades) => trades, isEnough);

/**
 * Bars as far back as is enough, or as history holds them, up to now. Oldest first. History has a bar once it is closed:
 * what came since is there as shorter ones.
 */
export const barsUpToNow = async (
  past: Past,
  entry: CatalogEntry,
  kind: KlineKind,
  isEnough: (bars: readonly BarPart[]) => boolean,
): Promise<readonly BarPart[]> => {
  const base = baseOf(kind);
  const bars = [...(await newestBars(past, entry, base, isEnough))];
  for (const interval of finerThan(base)) {
    const reachedMs = bars.at(-1)?.end;
    const isBack = reachedMs === undefined ? isEnough : ([first]: readonly BarPart[]) => isUpTo(first, reachedMs);
    const newer = await newestBars(past, entry, interval, isBack);
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
  past: Past,
  { venue, symbol }: CatalogEntry,
  interval: BarInterval,
  isEnough: (bars: readonly BarPart[]) => boolean,
): Promise<readonly BarPart[]> => {
  const barsOf = async (messages: readonly Message[]): Promise<readonly BarPart[]> => {
    const bars = new Map<number, BarPart>();
    const parts = mapped(messages, (message) => barPart(message, interval));
    await past.turns.each(parts, (bar) => {
      bars.set(bar.start, bar);
    });
    // A bar without trades is published when it is closed, which may be after the next one has begun.
    return [...bars.values()].sort((a, b) => a.start - b.start);
  };
  return readBack(past, channelName(barKind(interval), venue, symbol), barsOf, isEnough);
};

/** What is made of each of the newest messages of a group, oldest first. */
export const newestOfGroup = async <T>(
  past: Past,
  group: string,
  make: (message: Message) => T | undefined,
  isEnough: (items: readonly T[]) => boolean,
): Promise<T[]> => {
  const itemsOf = async (messages: readonly Message[]): Promise<readonly T[]> => {
    const items: T[] = [];
    await past.turns.each(mapped(messages, make), (item) => {
      items.push(item);
    });
    return items;
  };
  return [...(await readBack(past, group, itemsOf, isEnough))];
};

const readBack = async <T>(
  past: Past,
  group: string,
  read: (messages: readonly Message[]) => Promise<readonly T[]>,
  isEnough: (items: readonly T[]) => boolean | Promise<boolean>,
): Promise<readonly T[]> => {
  let items: readonly T[] = [];
  for (const count of counts) {
    const messages = await past.newest(group, count);
    items = await read(messages);
    if (messages.length < count || (await isEnough(items))) break;
  }
  return items;
};

/** Those that `isWanted`, without messages of other writers that cannot be mapped. */
export const filtered = async (
  { turns }: Past,
  messages: readonly Message[],
  isWanted: (message: Message) => boolean,
): Promise<readonly Message[]> => {
  const wanted: Message[] = [];
  const looks = mapped(messages, (message) => ({ message, isWanted: isWanted(message) }));
  await turns.each(looks, (look) => {
    if (look.isWanted) wanted.push(look.message);
  });
  return wanted;
};

/**
 * One after the other as they are asked for, so that who counts them out over turns of the event loop does the work then.
 * Leaves out messages of other writers that cannot be mapped to Binance's form, and those mapped to undefined.
 */
export function* mapped<T, R>(items: Iterable<T>, map: (item: T) => R | undefined): Generator<R> {
  for (const item of items) {
    try {
      const one = map(item);
      if (one !== undefined) yield one;
    } catch (error) {
      if (!(error instanceof UnmappableMessage)) throw error;
    }
  }
}
