import type { History, Message } from '@tickwire/channel-layer';
import { type BarInterval, barKind, type CatalogEntry, channelName } from '@tickwire/protocol';

/** Groups asked for in one call of history. */
const groupsPerCall = 256;
/** Messages of a bar's channel read at first, and at most: each bar has several, as it grew. */
const firstBarMessages = 1_000;
const maxBarMessages = 10_000;

/** The newest ticker of each symbol, in their order; undefined where there is none yet. */
export const newestTickers = async (
  history: Pick<History, 'newest'>,
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

/** Oldest first. */
export const newestTrades = async (
  history: Pick<History, 'newest'>,
  { venue, symbol }: CatalogEntry,
  count: number,
): Promise<readonly Message[]> => {
  const [range] = await history.newest([channelName('trade', venue, symbol)], count);
  return range?.messages ?? [];
};

/** The last state of each bar that history still holds: at least the newest `count` where it holds so many. Oldest first. */
export const newestBars = async (
  history: Pick<History, 'newest'>,
  { venue, symbol }: CatalogEntry,
  interval: BarInterval,
  count: number,
): Promise<readonly Message[]> => {
  const group = channelName(barKind(interval), venue, symbol);
  for (let messageCount = Math.max(firstBarMessages, count); ; messageCount = maxBarMessages) {
    const [range] = await history.newest([group], messageCount);
    const messages = range?.messages ?? [];
    const bars = new Map<unknown, Message>();
    for (const message of messages) bars.set(message['start'], message);
    // The oldest message may be in the middle of its bar, which is no matter: a later one holds all of it.
    if (bars.size >= count || messages.length < messageCount || messageCount >= maxBarMessages) {
      // An empty bar is published when it is closed, which may be after the next one has begun.
      return [...bars.values()].sort((a, b) => Number(a['start']) - Number(b['start']));
    }
  }
};
