import { type Clock, createSystemClock } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import { dayVolumes } from '../exchange/day-volume.js';
import type { FeedNotice, NoticeBody } from '../exchange/exchange-status.js';
import { createFirstListing, type FirstListing } from '../exchange/first-listing.js';
import { createListingWatch, type ListingWatch } from '../exchange/listing-watch.js';
import { createPassedOver } from '../exchange/passed-over.js';
import { isOpenChoice, isTop } from '../exchange/symbol-choice.js';
import type { DayFigures, Market, Pair } from '../exchange/venue.js';
import { isFields } from '../exchange/wire-fields.js';
import type { Feed, FeedEvent, LastTrades } from '../feed.js';
import { type CcxtExchange, type CcxtModule, ccxtReason, createCcxtExchange, loadCcxt } from './ccxt-exchange.js';
import { type CcxtInstrument, createCcxtInstrument } from './ccxt-instrument.js';

export interface CcxtFeedOptions {
  /** ccxt's id of the exchange, which also becomes the venue's name: `okx`. */
  readonly exchange: string;
  /** Canonical, or patterns: see `ExchangeFeedOptions`. */
  readonly symbols: readonly string[];
  /** How often the listing is read again if there are patterns. @default 300_000 */
  readonly listingMs?: number;
  /** Options for ccxt's constructor. */
  readonly config?: object;
  /** Called once with the new ccxt exchange, for settings that its constructor does not take. */
  readonly configure?: (exchange: CcxtExchange) => void | Promise<void>;
  /** @default the package `ccxt` */
  readonly load?: () => Promise<CcxtModule>;
  readonly lastTrades?: LastTrades;
  /** Replaces `lastTrades` if the symbols are not known before the start. */
  readonly readLastTrades?: (symbols: readonly string[]) => Promise<LastTrades>;
  /** @default the system's */
  readonly clock?: Clock;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  readonly onNotice?: (notice: FeedNotice) => void;
}

/**
 * Reads the spot markets of an exchange, and their volumes if there are patterns and it reports volumes.
 * @throws MarketError `missing-package`, `unknown-venue`, `bad-option`, `venue-unreachable`
 */
export const readCcxtMarket = async (
  options: Pick<CcxtFeedOptions, 'exchange' | 'symbols' | 'config' | 'configure' | 'load'>,
): Promise<Market> => {
  const exchange = await openExchange(options);
  try {
    return await ccxtMarket(options.exchange, exchange, options.symbols);
  } finally {
    await exchange.close();
  }
};

const checkMs = 1_000;
/** Shortest time between two disconnects because of a silent instrument. */
const dropGapMs = 120_000;

/**
 * A feed of any exchange that ccxt streams. ccxt limits the guarantees: trade ids may not be contiguous, so a gap is
 * reported after each broken connection unless the exchange's newest trades reach back to the last one; and if an
 * exchange sends JSON numbers, trailing zeros are lost in ccxt.
 * @throws MarketError `bad-option`; from `start`: `missing-package`, `unknown-venue`, `unknown-symbol`, `already-started`
 */
export const createCcxtFeed = (options: CcxtFeedOptions): Feed => {
  const { exchange: venue, symbols, clock = createSystemClock(), random = Math.random, onNotice } = options;
  const { lastTrades, readLastTrades, listingMs = 300_000 } = options;
  const named = symbols.filter((symbol) => !isOpenChoice(symbol));
  if (symbols.length === 0) throw new MarketError('bad-option', 'a ccxt feed needs at least one symbol');
  let isStarted = false;
  let isClosed = false;
  let exchange: CcxtExchange | undefined;
  const instruments = new Map<string, CcxtInstrument>();
  let firstListing: FirstListing | undefined;
  let watch: ListingWatch | undefined;
  let undoCheck: (() => void) | undefined;
  let droppedAt = Number.NEGATIVE_INFINITY;

  const notify = (notice: NoticeBody): void => onNotice?.({ venue, ...notice });

  const check = (): void => {
    undoCheck = clock.after(checkMs, check);
    for (const instrument of instruments.values()) instrument.check();
  };

  /** ccxt takes minutes to notice a dead connection; closing makes every watch fail and reconnect. */
  const drop = (reason: string): void => {
    if (clock.monotonic() - droppedAt < dropGapMs) return;
    droppedAt = clock.monotonic();
    notify({ kind: 'lost', url: `ccxt:${venue}`, reason });
    exchange?.close().catch(() => {}); // the watchers hear of it
  };

  const join = async (
    created: CcxtExchange,
    pairs: readonly Pair[],
    onEvents: (events: readonly FeedEvent[]) => void,
  ): Promise<void> => {
    const known = readLastTrades ? await readLastTrades(pairs.map(({ symbol }) => symbol)) : lastTrades;
    if (isClosed) return;
    for (const pair of pairs) {
      const instrument = createCcxtInstrument({
        exchange: created,
        venue,
        pair,
        clock,
        random,
        onEvents,
        onStalled: drop,
        onBadEntry: (reason) => notify({ kind: 'bad-entry', reason }),
        lastTrade: known?.get(pair.symbol),
      });
      instruments.set(pair.symbol, instrument);
    }
  };

  return {
    get instruments() {
      return [...new Set([...named, ...instruments.keys()])].map((symbol) => ({ venue, symbol }));
    },
    start: async (onEvents) => {
      if (isStarted || isClosed) throw new MarketError('already-started', 'a ccxt feed starts once');
      isStarted = true;
      const created = await openExchange(options);
      exchange = created;
      const lookForPassedOver = createPassedOver(symbols, notify);
      const read = async (isAgain: boolean): Promise<Market> => {
        const market = await ccxtMarket(venue, created, symbols, isAgain);
        lookForPassedOver(market);
        return market;
      };
      const give = (events: readonly FeedEvent[]): void => {
        if (!isClosed && events.length > 0) onEvents(events);
      };
      const giveDown = (gone: readonly string[], reason: string): void => {
        const rts = clock.wall();
        give(gone.map((symbol) => ({ kind: 'state', state: { venue, symbol, state: 'down', rts, reason } })));
      };
      const watching = createListingWatch({
        words: symbols,
        everyMs: listingMs,
        clock,
        read: () => read(true),
        followed: () => [...instruments.keys()],
        onChange: async (joined, left) => {
          for (const symbol of left) {
            instruments.get(symbol)?.close();
            instruments.delete(symbol);
          }
          giveDown(left, `${venue} does not list it any more`);
          await join(created, joined, give);
        },
        onNotice: notify,
      });
      watch = watching;
      let wasRead = false;
      firstListing = createFirstListing({
        venue,
        words: symbols,
        clock,
        random,
        read: () => {
          const isAgain = wasRead;
          wasRead = true;
          return read(isAgain);
        },
        onListed: async (chosen) => {
          await join(created, chosen, give);
          watching.start();
        },
        onDown: giveDown,
        onNotice: notify,
      });
      await firstListing.begin();
      if (isClosed) return;
      check();
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      undoCheck?.();
      firstListing?.close();
      watch?.close();
      for (const instrument of instruments.values()) instrument.close();
      await exchange?.close();
    },
  };
};

const openExchange = async ({
  exchange: venue,
  config = {},
  configure,
  load = () => loadCcxt(),
}: Pick<CcxtFeedOptions, 'exchange' | 'config' | 'configure' | 'load'>): Promise<CcxtExchange> => {
  const created = createCcxtExchange(await load(), venue, { newUpdates: true, ...config });
  await configure?.(created);
  return created;
};

const ccxtMarket = async (
  venue: string,
  exchange: CcxtExchange,
  symbols: readonly string[],
  isAgain = false,
): Promise<Market> => {
  try {
    await exchange.loadMarkets(isAgain);
  } catch (cause) {
    throw new MarketError('venue-unreachable', `${venue} did not list its symbols: ${ccxtReason(cause)}`, { cause });
  }
  const listed = Object.values(exchange.markets ?? {})
    .filter((market) => isFields(market) && market.spot !== false)
    .map(({ base, quote, symbol, active }) => ({
      symbol: `${base}-${quote}`,
      name: symbol,
      ...(active === false && { isTrading: false }),
    }));
  if (!symbols.some(isOpenChoice)) return { listed, volumes: new Map() };
  return { listed, volumes: dayVolumes(listed, await dayFigures(venue, exchange, symbols)) };
};

/** Empty if the exchange does not report them: a pattern needs no order, `top:100` does. */
const dayFigures = async (
  venue: string,
  exchange: CcxtExchange,
  symbols: readonly string[],
): Promise<readonly DayFigures[]> => {
  try {
    const tickers = (await exchange.fetchTickers?.()) ?? {};
    return Object.values(tickers)
      .filter(isFields)
      .flatMap(({ symbol, last, quoteVolume, baseVolume }) => {
        const volume = Number(quoteVolume ?? Number(baseVolume) * Number(last));
        return typeof symbol === 'string' && volume >= 0
          ? [{ name: symbol, last: Number(last), quoteVolume: volume }]
          : [];
      });
  } catch (cause) {
    if (!symbols.some(isTop)) return [];
    throw new MarketError('venue-unreachable', `${venue} did not report its volumes: ${ccxtReason(cause)}`, { cause });
  }
};
