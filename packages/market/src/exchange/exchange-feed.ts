import { type Clock, createSystemClock, periodOf } from '@tickwire/protocol';
import { fetchCandles } from '../backfill/fetch-candles.js';
import { MarketError } from '../errors.js';
import type { Feed, FeedEvent, LastTrades } from '../feed.js';
import { createClockMeter } from './clock-offset.js';
import type { FeedNotice, NoticeBody, RawFrame } from './exchange-status.js';
import { type ExchangeFeedStatus, statusOf } from './exchange-status.js';
import { createFirstListing } from './first-listing.js';
import { createFollowing } from './following.js';
import { createFrameReader } from './frame-reader.js';
import { fetchHttp, type HttpGet } from './http.js';
import { marketOf } from './listing.js';
import { createListingWatch } from './listing-watch.js';
import { createPassedOver } from './passed-over.js';
import { createRestClient } from './rest-client.js';
import type { OpenSocket } from './socket.js';
import { choosePairs, isOpenChoice } from './symbol-choice.js';
import type { Market, Pair, Venue } from './venue.js';
import { type VenueName, venueOf } from './venues.js';
import { openWebSocket } from './ws-socket.js';

export interface ExchangeFeedOptions {
  readonly venue: VenueName | Venue;
  /** Canonical (`BTC-USDT`), or patterns (`*-USDT`, `top:100`), which follow the venue's list. */
  readonly symbols: readonly string[];
  /** Replace the venue's own addresses; tried in turn. */
  readonly urls?: { readonly sockets?: readonly string[]; readonly rest?: readonly string[] };
  /** The venue's list, if the caller has it; it is requested at the start otherwise. */
  readonly listing?: readonly Pair[];
  /** Volumes of that listing; see `Market`. */
  readonly volumes?: ReadonlyMap<string, number>;
  /** How often the listing is read again if there are patterns. @default 300_000 */
  readonly listingMs?: number;
  readonly lastTrades?: LastTrades;
  /** Replaces `lastTrades` if the symbols are not known before the start. */
  readonly readLastTrades?: (symbols: readonly string[]) => Promise<LastTrades>;
  /** @default the system's */
  readonly clock?: Clock;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  /** @default over `ws` */
  readonly openSocket?: OpenSocket;
  /** @default the global fetch */
  readonly http?: HttpGet;
  /** Called with each raw frame, as a recorder keeps it. */
  readonly onRawFrame?: (frame: RawFrame) => void;
  /** Called with notices for the log. */
  readonly onNotice?: (notice: FeedNotice) => void;
}

/** A feed of live events of one exchange. */
export interface ExchangeFeed extends Feed {
  /** The present status; cheap enough for every second. */
  status(): ExchangeFeedStatus;
  /** The pairs of the symbols, once the venue's list is known; a recording's header needs them. */
  readonly pairs: readonly Pair[];
}

const checkMs = 1_000;

/**
 * Connects to an exchange and stays connected. Trades come in order of their ids, each once; a gap event stands in
 * place of trades that could not be fetched.
 * @throws MarketError `unknown-venue`, `bad-option`; from `start`: `unknown-symbol`, `already-started`
 */
export const createExchangeFeed = (options: ExchangeFeedOptions): ExchangeFeed => {
  const {
    symbols,
    urls = {},
    clock = createSystemClock(),
    random = Math.random,
    onNotice,
    listingMs = 300_000,
  } = options;
  const { openSocket = openWebSocket, http = fetchHttp, onRawFrame, lastTrades, readLastTrades } = options;
  const venue = typeof options.venue === 'string' ? venueOf(options.venue) : options.venue;
  if (symbols.length === 0) throw new MarketError('bad-option', 'an exchange feed needs at least one symbol');
  if (new Set(symbols).size < symbols.length) throw new MarketError('bad-option', 'a symbol is given twice');

  const named = symbols.filter((symbol) => !isOpenChoice(symbol));
  const { listing: listed, volumes = new Map<string, number>() } = options;
  const given = listed && { listed, volumes };
  const rest = createRestClient({
    urls: urls.rest ?? venue.rest.urls,
    http,
    clock,
    gapMs: venue.rest.gapMs,
    parse: venue.parse,
    isLimit: venue.rest.isLimit,
  });
  const offset = createClockMeter({ clock, get: rest.get, time: venue.rest.time });
  let undoCheck: (() => void) | undefined;
  let onEvents: ((events: readonly FeedEvent[]) => void) | undefined;
  let isListed = false;
  let connected = 0;
  let lost = 0;
  let badEntries = 0;
  let isClosed = false;

  const notify = (notice: NoticeBody): void => {
    if (notice.kind === 'connected' || notice.kind === 'replaced') connected += 1;
    if (notice.kind === 'lost' || notice.kind === 'gave-up-replacing') lost += 1;
    onNotice?.({ venue: venue.name, ...notice });
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

  const following = createFollowing({
    venue,
    clock,
    reader,
    urls: urls.sockets ?? venue.urls,
    openSocket,
    random,
    onTime: offset.add,
    fetchTrades: (query, isUrgent) =>
      venue.rest.trades(isUrgent ? rest.getFirst : (path) => rest.get(path), { ...query, onBadEntry }),
    onEvents: (events) => onEvents?.(events),
    onNotice: notify,
  });

  const lookForPassedOver = createPassedOver(symbols, notify);

  const readMarket = async (): Promise<Market> => {
    const market = await marketOf(venue, symbols, (path) => rest.get(path), onBadEntry);
    lookForPassedOver(market);
    return market;
  };

  const join = async (joined: readonly Pair[]): Promise<void> => {
    const known = readLastTrades ? await readLastTrades(joined.map(({ symbol }) => symbol)) : lastTrades;
    if (!isClosed) following.join(joined, known);
  };

  const watch = createListingWatch({
    words: symbols,
    everyMs: listingMs,
    clock,
    read: readMarket,
    onNotice: notify,
    followed: () => following.pairs.map(({ symbol }) => symbol),
    onChange: async (joined, left) => {
      following.leave(left, `${venue.name} does not list it any more`);
      if (joined.length > 0) await join(joined);
    },
  });

  const check = (): void => {
    undoCheck = clock.after(checkMs, check);
    following.check();
  };

  const connect = async (known: readonly Pair[]): Promise<void> => {
    isListed = true;
    await join(known);
    if (isClosed) return;
    check();
    watch.start();
    offset.start();
  };

  const reportDown = (down: readonly string[], reason: string): void =>
    onEvents?.(
      down.map((symbol) => ({
        kind: 'state',
        state: { venue: venue.name, symbol, state: 'down', rts: clock.wall(), reason },
      })),
    );

  const firstListing = createFirstListing({
    venue: venue.name,
    words: symbols,
    clock,
    random,
    read: readMarket,
    onListed: connect,
    onDown: reportDown,
    onNotice: notify,
  });

  return {
    get instruments() {
      const known = isListed ? following.pairs : given ? choosePairs(symbols, given) : [];
      return [...new Set([...named, ...known.map(({ symbol }) => symbol)])].map((symbol) => ({
        venue: venue.name,
        symbol,
      }));
    },
    get pairs() {
      return following.pairs;
    },
    start: async (listener) => {
      if (onEvents || isClosed) throw new MarketError('already-started', 'an exchange feed starts once');
      onEvents = listener;
      if (given) lookForPassedOver(given);
      await firstListing.begin(given);
    },
    past: async ({ symbol }, query) => {
      const { candles } = venue.rest;
      const pair = following.pairs.find((each) => each.symbol === symbol);
      if (candles === undefined) return [];
      if (pair === undefined) throw new MarketError('rest-failed', `${venue.name} has not listed ${symbol} yet`);
      const { name } = venue;
      // The venue's newest bar is still open, even if our clock is ahead and says otherwise.
      const untilMs = Math.min(query.untilMs, periodOf(query.interval, offset.venueNow() ?? query.untilMs).start);
      const ask = { venue: name, pair, candles, get: rest.getLast, rts: clock.wall, onBadEntry };
      return fetchCandles({ ...query, untilMs, ...ask });
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      undoCheck?.();
      firstListing.close();
      offset.close();
      watch.close();
      following.close();
      onEvents = () => {};
      rest.close();
    },
    status: () =>
      statusOf(
        { venue: venue.name, frames: reader.counters, rest: rest.counters, connected, lost, badEntries },
        { ...following, clockOffset: offset.estimate() },
      ),
  };
};
