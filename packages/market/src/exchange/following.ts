import type { Clock } from '@tickwire/protocol';
import type { FeedEvent, LastTrades } from '../feed.js';
import { createConnectGate } from './connect-gate.js';
import type { NoticeBody } from './exchange-status.js';
import type { FrameReader } from './frame-reader.js';
import { createWatched, type TradeCounters, type Watched, type WatchedOptions } from './instrument.js';
import { createLink, type Link, type LinkOptions } from './link.js';
import { type Pair, symbolOf, type Venue, type VenueItem } from './venue.js';

export interface FollowingOptions extends Pick<LinkOptions, 'urls' | 'openSocket' | 'random' | 'onTime'> {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly reader: FrameReader;
  readonly fetchTrades: WatchedOptions['fetchTrades'];
  readonly onEvents: (events: readonly FeedEvent[]) => void;
  readonly onNotice: (notice: NoticeBody) => void;
}

/** The followed pairs of a venue, and the links that share them. */
export interface Following {
  readonly pairs: readonly Pair[];
  readonly links: readonly Link[];
  readonly watched: readonly Watched[];
  /** Counters of instruments that left. */
  readonly counters: Readonly<TradeCounters>;
  /** Follows the pairs, and connects them in this order. */
  join(pairs: readonly Pair[], lastTrades: LastTrades | undefined): void;
  /** Stops following the symbols. Their last event is `down`, with the reason. */
  leave(symbols: readonly string[], reason: string): void;
  /** Must be called once a second. */
  check(): void;
  /** Idempotent. */
  close(): void;
}

export const createFollowing = (options: FollowingOptions): Following => {
  const { venue, clock, reader, fetchTrades, onEvents, onNotice, ...forLinks } = options;
  const gate = createConnectGate(clock, venue.connects);
  const watched = new Map<string, Watched>();
  const counters: TradeCounters = { duplicates: 0, gaps: 0, missing: 0, restarts: 0, refilled: 0 };
  let links: Link[] = [];
  let pairs: readonly Pair[] = [];
  let systemStatus: string | undefined;

  const give = (events: readonly FeedEvent[]): void => {
    if (events.length > 0) onEvents(events);
  };

  const take = (items: readonly VenueItem[], isFirst: boolean): void => {
    const out: FeedEvent[] = [];
    let touched: Watched | undefined;
    for (const item of items) {
      if (item.kind === 'system') {
        systemStatus = item.isOpen ? undefined : item.status;
        for (const each of watched.values()) each.look(out);
        continue;
      }
      const next = watched.get(symbolOf(item));
      if (touched && next !== touched) touched.look(out);
      touched = next;
      next?.take(item, isFirst, out);
    }
    touched?.look(out);
    give(out);
  };

  const lookAt = (looked: readonly Pair[]): void => {
    const out: FeedEvent[] = [];
    for (const { symbol } of looked) watched.get(symbol)?.look(out);
    give(out);
  };

  const addLink = (linked: readonly Pair[]): Link => {
    const link: Link = createLink({
      ...forLinks,
      venue,
      pairs: linked,
      clock,
      gate,
      createRead: reader.createRead,
      onData: take,
      onChanged: () => lookAt(link.pairs),
      onRefused: (names, reason) => {
        for (const pair of link.pairs) if (names.includes(pair.name)) watched.get(pair.symbol)?.refuse(reason);
        onNotice({ kind: 'refused', names, reason });
        lookAt(link.pairs);
      },
      onNotice,
    });
    links.push(link);
    return link;
  };

  const watch = (link: Link, added: readonly Pair[], lastTrades: LastTrades | undefined): void => {
    for (const pair of added) {
      const { name, sendsPast } = venue;
      const each = createWatched({
        venue: name,
        pair,
        clock,
        link,
        sendsPast,
        fetchTrades,
        onEvents: give,
        lastTrade: lastTrades?.get(pair.symbol),
        systemStatus: () => systemStatus,
      });
      watched.set(pair.symbol, each);
    }
  };

  return {
    get pairs() {
      return pairs;
    },
    get links() {
      return links;
    },
    get watched() {
      return [...watched.values()];
    },
    counters,
    join: (joined, lastTrades) => {
      pairs = [...pairs, ...joined];
      const max = venue.maxPairsPerConnection;
      let at = 0;
      for (const link of links) {
        const added = joined.slice(at, at + max - link.pairs.length);
        if (added.length === 0) continue;
        at += added.length;
        link.follow([...link.pairs, ...added]);
        watch(link, added, lastTrades);
      }
      const opened: Link[] = [];
      for (; at < joined.length; at += max) {
        const added = joined.slice(at, at + max);
        const link = addLink(added);
        watch(link, added, lastTrades);
        opened.push(link);
      }
      lookAt(joined);
      for (const link of opened) link.start();
    },
    leave: (symbols, reason) => {
      const gone = new Set(symbols);
      const stays = ({ symbol }: Pair): boolean => !gone.has(symbol);
      pairs = pairs.filter(stays);
      for (const link of links) {
        if (!link.pairs.every(stays)) link.follow(link.pairs.filter(stays));
        if (link.pairs.length === 0) link.close();
      }
      links = links.filter((link) => link.pairs.length > 0);
      for (const symbol of gone) {
        const each = watched.get(symbol);
        if (!each) continue;
        each.close();
        watched.delete(symbol);
        for (const key of Object.keys(counters) as (keyof TradeCounters)[]) counters[key] += each.counters[key];
        give([{ kind: 'state', state: { venue: venue.name, symbol, state: 'down', rts: clock.wall(), reason } }]);
      }
    },
    check: () => {
      for (const link of links) link.check();
      lookAt(pairs);
    },
    close: () => {
      for (const link of links) link.close();
      for (const each of watched.values()) each.close();
    },
  };
};
