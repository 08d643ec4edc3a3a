import { type Clock, createSystemClock } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import type { FeedNotice } from '../exchange/feed-notice.js';
import { pairsOf } from '../exchange/listing.js';
import type { Pair } from '../exchange/venue.js';
import type { Feed, FeedEvent, LastTrades } from '../feed.js';
import { type CcxtExchange, type CcxtModule, createCcxtExchange, loadCcxt } from './ccxt-exchange.js';
import { type CcxtInstrument, createCcxtInstrument } from './ccxt-instrument.js';

export interface CcxtFeedOptions {
  /** ccxt's id of the exchange, which also becomes the venue's name: `okx`. */
  readonly exchange: string;
  /** Canonical. */
  readonly symbols: readonly string[];
  /** For ccxt's constructor. */
  readonly config?: object;
  /** Called once with the new ccxt exchange, for settings that are no constructor's. */
  readonly configure?: (exchange: CcxtExchange) => void | Promise<void>;
  /** @default the package `ccxt` */
  readonly load?: () => Promise<CcxtModule>;
  readonly lastTrades?: LastTrades;
  /** @default the system's */
  readonly clock?: Clock;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  readonly onNotice?: (notice: FeedNotice) => void;
}

/**
 * Canonical names of what an exchange trades on the spot.
 * @throws MarketError `missing-package`, `unknown-venue`, `bad-option`, `venue-unreachable`
 */
export const listCcxtSymbols = async (
  options: Pick<CcxtFeedOptions, 'exchange' | 'config' | 'configure' | 'load'>,
): Promise<readonly string[]> => {
  const exchange = await openExchange(options);
  try {
    return (await spotPairs(options.exchange, exchange)).map(({ symbol }) => symbol);
  } finally {
    await exchange.close();
  }
};

const checkMs = 1_000;
/** Between two times all connections are dropped because one instrument is silent. */
const dropGapMs = 120_000;

/**
 * Any exchange that ccxt streams. What ccxt does not tell cannot be promised: trade ids are not known to be contiguous,
 * so a gap is told after each broken connection unless the exchange's newest trades reach back to the last one; and
 * where an exchange sends JSON numbers, trailing zeros are lost before they get here.
 * @throws MarketError `bad-option`; from `start`: `missing-package`, `unknown-venue`, `unknown-symbol`,
 *   `venue-unreachable`, `already-started`
 */
export const createCcxtFeed = (options: CcxtFeedOptions): Feed => {
  const { exchange: venue, symbols, clock = createSystemClock(), random = Math.random, onNotice } = options;
  const { lastTrades } = options;
  if (symbols.length === 0) throw new MarketError('bad-option', 'a ccxt feed needs at least one symbol');
  let isStarted = false;
  let isClosed = false;
  let exchange: CcxtExchange | undefined;
  let instruments: readonly CcxtInstrument[] = [];
  let undoCheck: (() => void) | undefined;
  let droppedAt = Number.NEGATIVE_INFINITY;

  const check = (): void => {
    undoCheck = clock.after(checkMs, check);
    for (const instrument of instruments) instrument.check();
  };

  /** ccxt notices a dead connection within minutes only; closing makes every watcher fail and come back. */
  const drop = (reason: string): void => {
    if (clock.monotonic() - droppedAt < dropGapMs) return;
    droppedAt = clock.monotonic();
    onNotice?.({ venue, kind: 'lost', url: `ccxt:${venue}`, reason });
    exchange?.close().catch(() => {}); // the watchers hear of it
  };

  return {
    instruments: symbols.map((symbol) => ({ venue, symbol })),
    start: async (onEvents) => {
      if (isStarted || isClosed) throw new MarketError('already-started', 'a ccxt feed starts once');
      isStarted = true;
      const created = await openExchange(options);
      exchange = created;
      const pairs = pairsOf(venue, symbols, await spotPairs(venue, created));
      if (isClosed) return;
      const give = (events: readonly FeedEvent[]): void => {
        if (!isClosed && events.length > 0) onEvents(events);
      };
      instruments = pairs.map((pair) =>
        createCcxtInstrument({
          exchange: created,
          venue,
          pair,
          clock,
          random,
          onEvents: give,
          onStalled: drop,
          lastTrade: lastTrades?.get(pair.symbol),
        }),
      );
      check();
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      undoCheck?.();
      for (const instrument of instruments) instrument.close();
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

const spotPairs = async (venue: string, exchange: CcxtExchange): Promise<readonly Pair[]> => {
  try {
    await exchange.loadMarkets();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MarketError('venue-unreachable', `${venue} did not tell its symbols: ${reason}`, { cause });
  }
  return Object.values(exchange.markets ?? {})
    .filter(({ spot }) => spot !== false)
    .map(({ base, quote, symbol }) => ({ symbol: `${base}-${quote}`, name: symbol }));
};
