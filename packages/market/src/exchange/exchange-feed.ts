import { type Clock, createSystemClock, isSymbol } from '@tickwire/protocol';
import { fetchCandles } from '../backfill/fetch-candles.js';
import { MarketError } from '../errors.js';
import type { Feed, FeedEvent, Instrument, LastTrades } from '../feed.js';
import { createBackoff } from './backoff.js';
import { createClockOffsetEstimator } from './clock-offset.js';
import { createConnectGate } from './connect-gate.js';
import { type ExchangeFeedStatus, statusOf } from './exchange-status.js';
import type { FeedNotice, NoticeBody, RawFrame } from './feed-notice.js';
import { createFrameReader } from './frame-reader.js';
import { fetchHttp, type HttpGet } from './http.js';
import { createWatched, type Watched } from './instrument.js';
import { createLink, type Link } from './link.js';
import { pairsOf, unlistedText } from './listing.js';
import { createRestClient } from './rest-client.js';
import type { OpenSocket } from './socket.js';
import { type Pair, symbolOf, type Venue, type VenueItem } from './venue.js';
import { type VenueName, venueOf } from './venues.js';
import { openWebSocket } from './ws-socket.js';

export interface ExchangeFeedOptions {
  readonly venue: VenueName | Venue;
  /** Canonical: `BTC-USDT`. */
  readonly symbols: readonly string[];
  /** Addresses in place of the venue's own, tried in turn. */
  readonly urls?: { readonly sockets?: readonly string[]; readonly rest?: readonly string[] };
  /** What the venue lists, where the caller asked already; else it is asked at the start. */
  readonly listing?: readonly Pair[];
  readonly lastTrades?: LastTrades;
  /** @default the system's */
  readonly clock?: Clock;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  /** @default over `ws` */
  readonly openSocket?: OpenSocket;
  /** @default the global fetch */
  readonly http?: HttpGet;
  /** Each frame as it came, before anything looked at it: what a recorder keeps. */
  readonly onRawFrame?: (frame: RawFrame) => void;
  /** For logs. */
  readonly onNotice?: (notice: FeedNotice) => void;
}

/** A feed of live events of one exchange. */
export interface ExchangeFeed extends Feed {
  /** As it stands now; cheap enough to be asked every second. */
  status(): ExchangeFeedStatus;
  /** The pairs behind the symbols, once the venue told them: what a recording's header needs. */
  readonly pairs: readonly Pair[];
}

const checkMs = 1_000;
const clockOffsetMs = 600_000;

/**
 * Connects to an exchange and stays connected. Trades come in order of their ids, each once; where one is missing that
 * could not be fetched afterwards, a gap event says so in its place.
 * @throws MarketError `unknown-venue`, `bad-option`; from `start`: `unknown-symbol`, `already-started`
 */
export const createExchangeFeed = (options: ExchangeFeedOptions): ExchangeFeed => {
  const { symbols, urls = {}, clock = createSystemClock(), random = Math.random, onNotice } = options;
  const { openSocket = openWebSocket, http = fetchHttp, onRawFrame, lastTrades } = options;
  const venue = typeof options.venue === 'string' ? venueOf(options.venue) : options.venue;
  if (symbols.length === 0) throw new MarketError('bad-option', 'an exchange feed needs at least one symbol');
  if (new Set(symbols).size < symbols.length) throw new MarketError('bad-option', 'a symbol is given twice');

  const instruments: readonly Instrument[] = symbols.map((symbol) => ({ venue: venue.name, symbol }));
  const rest = createRestClient({
    ...{ urls: urls.rest ?? venue.rest.urls, http, clock },
    ...{ gapMs: venue.rest.gapMs, parse: venue.parse },
  });
  const gate = createConnectGate(clock, venue.connects);
  const offset = createClockOffsetEstimator(clock);
  const links: Link[] = [];
  const watched = new Map<string, Watched>();
  const undos = new Map<string, () => void>();
  let pairs: readonly Pair[] = [];
  let onEvents: ((events: readonly FeedEvent[]) => void) | undefined;
  let systemStatus: string | undefined;
  let connected = 0;
  let lost = 0;
  let badEntries = 0;
  let isClosed = false;

  const notify = (notice: NoticeBody): void => onNotice?.({ venue: venue.name, ...notice });

  const give = (events: readonly FeedEvent[]): void => {
    if (events.length > 0) onEvents?.(events);
  };

  const later = (name: string, delayMs: number, action: () => void): void => {
    undos.set(name, clock.after(delayMs, action));
  };

  const onBadEntry = (reason: string): void => {
    badEntries += 1;
    notify({ kind: 'bad-entry', reason });
  };

  const reader = createFrameReader({
    onBadEntry,
    venue,
    onRawText: (text, rts) => onRawFrame?.({ venue: venue.name, rts, text }),
    onBadFrame: (reason, text) => notify({ kind: 'bad-frame', reason, text }),
  });

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

  const lookAtAll = (link?: Link): void => {
    const out: FeedEvent[] = [];
    for (const { symbol } of link?.pairs ?? pairs) watched.get(symbol)?.look(out);
    give(out);
  };

  const tick = (): void => {
    later('tick', checkMs, tick);
    for (const link of links) link.check();
    lookAtAll();
  };

  const measureClock = (): void => {
    later('clock', clockOffsetMs, measureClock);
    let sentAt = Number.POSITIVE_INFINITY;
    const get = (path: string): Promise<unknown> =>
      rest.get(path, (at) => {
        sentAt = at;
      });
    venue.rest.time?.(get).then(
      (venueMs) => offset.add(sentAt, clock.monotonic(), venueMs),
      () => {}, // counted by the client; the next measurement is not far
    );
  };

  const addLink = (linked: readonly Pair[]): void => {
    const link: Link = createLink({
      ...{ venue, pairs: linked, urls: urls.sockets ?? venue.urls, openSocket, clock, random, gate },
      read: reader.createRead(linked),
      onData: take,
      onTime: offset.add,
      onChanged: () => lookAtAll(link),
      onRefused: (names, reason) => {
        for (const pair of linked) if (names.includes(pair.name)) watched.get(pair.symbol)?.refuse(reason);
        notify({ kind: 'refused', names, reason });
        lookAtAll(link);
      },
      onNotice: (notice) => {
        if (notice.kind === 'connected' || notice.kind === 'replaced') connected += 1;
        if (notice.kind === 'lost' || notice.kind === 'gave-up-replacing') lost += 1;
        notify(notice);
      },
    });
    links.push(link);
    for (const pair of linked) {
      const { name, tellsPast } = venue;
      const fetchTrades = venue.rest.trades;
      watched.set(
        pair.symbol,
        createWatched({
          ...{ venue: name, pair, clock, link, tellsPast, onEvents: give },
          lastTrade: lastTrades?.get(pair.symbol),
          systemStatus: () => systemStatus,
          fetchTrades: (query, isUrgent) =>
            fetchTrades(isUrgent ? rest.getFirst : (path) => rest.get(path), { ...query, onBadEntry }),
        }),
      );
    }
  };

  const connect = (known: readonly Pair[]): void => {
    pairs = known;
    for (let i = 0; i < known.length; i += venue.maxPairsPerConnection)
      addLink(known.slice(i, i + venue.maxPairsPerConnection));
    lookAtAll();
    for (const link of links) link.start();
    tick();
    if (venue.rest.time) measureClock();
  };

  const tellDown = (down: readonly string[], reason: string): void =>
    give(
      down.map((symbol) => ({
        kind: 'state',
        state: { venue: venue.name, symbol, state: 'down', rts: clock.wall(), reason },
      })),
    );

  /** Without the listing there is no safe name to subscribe to; a producer started meanwhile waits for it. */
  const backoff = createBackoff({ random, baseMs: 2_000 });
  const listAgain = (): void => {
    const waitMs = 1_000 + backoff.nextMs();
    later('listing', waitMs, () => {
      venue.rest
        .listing((path) => rest.get(path), onBadEntry)
        .then(
          (listed) => {
            if (isClosed) return;
            const names = new Set(listed.map(({ symbol }) => symbol).filter(isSymbol));
            const unknown = symbols.filter((symbol) => !names.has(symbol));
            if (unknown.length > 0) {
              const reason = unlistedText(venue.name, unknown, listed);
              tellDown(unknown, reason);
              notify({ kind: 'unlisted', reason });
            }
            connect(
              pairsOf(
                venue.name,
                symbols.filter((symbol) => names.has(symbol)),
                listed,
              ),
            );
          },
          (error: Error) => {
            if (isClosed) return;
            notify({ kind: 'listing-failed', reason: error.message, waitMs });
            listAgain();
          },
        );
    });
  };

  return {
    instruments,
    get pairs() {
      return pairs;
    },
    start: async (listener) => {
      if (onEvents || isClosed) throw new MarketError('already-started', 'an exchange feed starts once');
      onEvents = listener;
      let listed = options.listing;
      try {
        listed ??= await venue.rest.listing((path) => rest.get(path), onBadEntry);
      } catch (error) {
        if (isClosed) return;
        const reason = error instanceof Error ? error.message : String(error);
        tellDown(symbols, `${venue.name} does not tell its symbols: ${reason}`);
        notify({ kind: 'listing-failed', reason });
        return listAgain();
      }
      if (!isClosed) connect(pairsOf(venue.name, symbols, listed));
    },
    past: async ({ symbol }, query) => {
      const { candles } = venue.rest;
      const pair = pairs.find((each) => each.symbol === symbol);
      if (candles === undefined) return [];
      if (pair === undefined) throw new MarketError('rest-failed', `${venue.name} has not listed ${symbol} yet`);
      const { name } = venue;
      return fetchCandles({ ...query, venue: name, pair, candles, get: rest.getLast, rts: clock.wall, onBadEntry });
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      for (const undo of undos.values()) undo();
      for (const link of links) link.close();
      for (const each of watched.values()) each.close();
      onEvents = () => {};
      rest.close();
    },
    status: () =>
      statusOf(
        { venue: venue.name, frames: reader.counters, rest: rest.counters, connected, lost, badEntries },
        { links, watched: [...watched.values()], clockOffset: offset.estimate() },
      ),
  };
};
