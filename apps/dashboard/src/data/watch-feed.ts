import { type Bar, channelName, type Health, type Published, type Ticker } from '@tickwire/protocol';
import { createDollarRates } from '../model/dollar-rates.js';
import { createWatchEntry, type WatchEntry } from '../model/watch-entry.js';
import type { Arrival, LiveClient } from './live-client.js';
import { type OwnMessage, tickerOf } from './own-prices.js';
import type { OwnChannels, SymbolName } from './symbols.js';

/** Follows all symbols: the newest ticker four times a second, the state of the feed, and the past of visible rows. */
export interface WatchFeed {
  readonly entries: readonly WatchEntry[];
  find(venue: string, symbol: string): WatchEntry | undefined;
  /** Adds new symbols, removes those no longer listed, and follows the channels that have a symbol's prices now. */
  setSymbols(symbols: readonly SymbolName[]): void;
  /** Reads the past for the small line of a visible row; once for each. */
  wantPast(entry: WatchEntry): void;
}

export interface WatchFeedOptions {
  readonly client: LiveClient;
  /** Never goes back. */
  readonly now: () => number;
  /** Compared with the times of publications. */
  readonly wall: () => number;
  readonly onChange: () => void;
  /** A price of now, not one that was read back. */
  readonly onPrice?: (key: string, price: string) => void;
}

const tickerIntervalMs = 250;
/** Subscriptions in one message to the gateway, which takes 64 kB of them at most. */
const subscriptionsAtOnce = 100;
/** Closes of 24 hours, and one more to begin at. */
const pastBars = 97;
const pastKind = 'bar-15m';
const barMs = 900_000;
const readsAtOnce = 2;

export const createWatchFeed = ({ client, now, wall, onChange, onPrice }: WatchFeedOptions): WatchFeed => {
  const entries: WatchEntry[] = [];
  const byKey = new Map<string, WatchEntry>();
  /** The functions that stop following an entry, by entry. */
  const ends = new Map<string, readonly (() => void)[]>();
  const hasPast = new Set<string>();
  const rates = createDollarRates();
  const waiting: WatchEntry[] = [];
  let reading = 0;
  /** Counts connections: work that was put off for an earlier one is not done. */
  let generation = 0;

  /** When a price was of now: one that was published before this page listened is older than its arrival. */
  const momentOf = (arrival: Arrival, { pts }: Published): number =>
    arrival === 'live' ? now() : now() - Math.max(0, wall() - pts);

  /** At full rate: the chart, which needs every price, may follow the same channel. */
  const followOwn = (entry: WatchEntry, own: OwnChannels): (() => void) =>
    client.follow<OwnMessage>(ownNameOf(entry, own), { last: 1 }, ({ message, arrival }) => {
      const ticker = tickerOf(message);
      entry.addTicker(ticker, momentOf(arrival, message));
      if (arrival === 'live') onPrice?.(entry.key, ticker.last);
      onChange();
    });

  const follow = (entry: WatchEntry): void => {
    const { venue, symbol, key, own } = entry;
    if (byKey.get(key) !== entry || ends.has(key)) return;
    if (own !== undefined) {
      ends.set(key, [followOwn(entry, own)]);
      return;
    }
    ends.set(key, [
      client.follow<Ticker & Published>(
        channelName('ticker', venue, symbol),
        { intervalMs: tickerIntervalMs, last: 1 },
        ({ message, arrival }) => {
          entry.addTicker(message, momentOf(arrival, message));
          if (arrival === 'live') onPrice?.(key, message.last);
          onChange();
        },
      ),
      client.follow<Health>(channelName('health', venue, symbol), { last: 1 }, ({ message }) => {
        entry.addHealth(message);
        onChange();
      }),
    ]);
  };

  const unfollow = (key: string): void => {
    for (const end of ends.get(key) ?? []) end();
    ends.delete(key);
  };

  /** In place: views hold the list. */
  const remove = (entry: WatchEntry): void => {
    unfollow(entry.key);
    byKey.delete(entry.key);
    hasPast.delete(entry.key);
    entries.splice(entries.indexOf(entry), 1);
  };

  const followAll = (wanted: readonly WatchEntry[]): void => {
    for (let from = 0; from < wanted.length; from += subscriptionsAtOnce / 2) {
      const slice = wanted.slice(from, from + subscriptionsAtOnce / 2);
      const mine = generation;
      // In a later turn: what is batched in one turn is sent as one message.
      setTimeout(() => {
        if (generation !== mine) return;
        client.together(() => {
          for (const entry of slice) follow(entry);
        });
      });
    }
  };

  const unfollowAll = (): void => {
    generation += 1;
    for (const key of [...ends.keys()]) unfollow(key);
  };

  // Followed anew each time rather than recovered: only the newest ticker matters, and hundreds of positions in one
  // message would be more than a gateway takes.
  client.onState(({ name }) => {
    unfollowAll();
    if (name === 'live') {
      followAll(entries);
      readNext();
    }
    onChange();
  });

  const readNext = (): void => {
    while (reading < readsAtOnce && client.state.name === 'live') {
      const entry = waiting.shift();
      if (entry === undefined) return;
      reading += 1;
      void readPast(entry).finally(() => {
        reading -= 1;
        readNext();
      });
    }
  };

  const readPast = async (entry: WatchEntry): Promise<void> => {
    try {
      if (entry.own !== undefined) return await readOwnPast(entry, entry.own);
      const channel = channelName(pastKind, entry.venue, entry.symbol);
      const bars = await client.readBack<Bar>(channel, pastBars);
      for (const { message } of [...bars].reverse()) entry.addPast(message.start + barMs - 1, Number(message.close));
      entry.endPast();
      onChange();
    } catch {
      // The line begins now.
    }
  };

  const readOwnPast = async (entry: WatchEntry, own: OwnChannels): Promise<void> => {
    const past = await client.readBack<OwnMessage>(ownNameOf(entry, own), pastBars);
    for (const { message } of [...past].reverse()) entry.addPast(message.ts, Number(tickerOf(message).last));
    entry.endPast();
    onChange();
  };

  return {
    entries,
    find: (venue, symbol) => byKey.get(`${venue}.${symbol}`),
    setSymbols(symbols) {
      const listed = new Set(symbols.map(({ venue, symbol }) => `${venue}.${symbol}`));
      const gone = entries.filter(({ key }) => !listed.has(key));
      for (const entry of gone) remove(entry);
      const changed = symbols.flatMap(({ venue, symbol, own }) => {
        const entry = byKey.get(`${venue}.${symbol}`);
        if (entry === undefined || isSameOwn(entry.own, own)) return [];
        unfollow(entry.key);
        entry.setOwn(own);
        return [entry];
      });
      const added = symbols
        .map(({ venue, symbol, own }) => createWatchEntry(venue, symbol, rates, own))
        .filter(({ key }) => !byKey.has(key));
      for (const entry of added) {
        byKey.set(entry.key, entry);
        entries.push(entry);
      }
      if (client.state.name === 'live') followAll([...changed, ...added]);
      if (changed.length + added.length + gone.length > 0) onChange();
    },
    wantPast(entry) {
      if (hasPast.has(entry.key)) return;
      hasPast.add(entry.key);
      waiting.push(entry);
      readNext();
    },
  };
};

const isSameOwn = (one: OwnChannels | undefined, other: OwnChannels | undefined): boolean =>
  (one === undefined) === (other === undefined) && one?.ticker === other?.ticker && one?.trade === other?.trade;

/** For a list, tickers have more fields than trades. */
const ownNameOf = ({ venue, symbol }: WatchEntry, { ticker, trade }: OwnChannels): string =>
  ticker ?? trade ?? channelName('ticker', venue, symbol);
