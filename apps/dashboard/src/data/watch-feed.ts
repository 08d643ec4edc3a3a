import { channelName, type Health, type Published, type Ticker } from '@tickwire/protocol';
import { createDollarRates } from '../model/dollar-rates.js';
import { createWatchEntry, type WatchEntry } from '../model/watch-entry.js';
import type { Arrival, LiveClient } from './live-client.js';
import { type OwnMessage, ownNameOf, tickerOf } from './own-prices.js';
import { createPastLines } from './past-lines.js';
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

export const createWatchFeed = ({ client, now, wall, onChange, onPrice }: WatchFeedOptions): WatchFeed => {
  const entries: WatchEntry[] = [];
  const byKey = new Map<string, WatchEntry>();
  /** The functions that stop following an entry, by entry. */
  const ends = new Map<string, readonly (() => void)[]>();
  const past = createPastLines({ client, onChange });
  const rates = createDollarRates();
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
    past.forget(entry);
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
      past.resume();
    }
    onChange();
  });

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
    wantPast: past.want,
  };
};

const isSameOwn = (one: OwnChannels | undefined, other: OwnChannels | undefined): boolean =>
  (one === undefined) === (other === undefined) && one?.ticker === other?.ticker && one?.trade === other?.trade;
