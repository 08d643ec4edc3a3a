import {
  createExchangeFeed,
  type ExchangeFeed,
  type ExchangeFeedOptions,
  type FeedNotice,
  type VenueName,
} from '@tickwire/market';
import { createManualClock, type ManualClock } from '@tickwire/protocol/testing';
import { createFakeExchange } from './fake-exchange.js';
import type { Dialect, FakeExchange, FakeMarket, FakeSymbol } from './fake-exchange-types.js';
import { fakeDialects, fakeSymbols } from './fake-venues.js';
import { createFeedRecord, type FeedRecord } from './feed-record.js';
import { inMemory } from './in-memory.js';
import { seededRandom } from './seams.js';
import { runFor } from './virtual-time.js';

export interface VirtualFeedOptions {
  readonly dialect?: (market: FakeMarket) => Dialect;
  /** What the exchange trades. @default two of the venue */
  readonly listed?: readonly FakeSymbol[];
  /** Given on to the feed. */
  readonly feed?: Partial<ExchangeFeedOptions>;
  /** Before the feed starts. */
  readonly prepare?: (exchange: FakeExchange) => void;
}

/** A feed and the fake exchange it is connected to, in a time that only the test moves. */
export interface VirtualFeed {
  readonly exchange: FakeExchange;
  readonly feed: ExchangeFeed;
  readonly record: FeedRecord;
  readonly clock: ManualClock;
  readonly notices: readonly FeedNotice[];
  readonly symbols: readonly string[];
  /** Settled when `start` is. */
  readonly started: Promise<void>;
  /** Moves time on, with a trade of each symbol at this interval; with 0 the market stands still. */
  run(forMs: number, tradeEveryMs?: number): Promise<void>;
  /** Trades of a symbol that are wrong or missing without a word; see `FeedRecord`. */
  faults(): readonly string[];
}

export const startVirtualFeed = async (venue: VenueName, options: VirtualFeedOptions = {}): Promise<VirtualFeed> => {
  const { dialect = fakeDialects[venue], listed = fakeSymbols[venue], prepare } = options;
  const random = seededRandom(42);
  const clock = createManualClock();
  const symbols = listed.map(({ symbol }) => symbol);
  const exchange = createFakeExchange({ dialect, clock, random, symbols: listed });
  for (const symbol of symbols) exchange.trade(symbol, 3);
  prepare?.(exchange);
  const record = createFeedRecord();
  const notices: FeedNotice[] = [];
  const sockets = inMemory(exchange, clock, random);
  const feed = createExchangeFeed({
    venue,
    symbols,
    clock,
    random,
    ...sockets,
    onNotice: (notice) => notices.push(notice),
    ...options.feed,
  });
  const second = (): void => {
    exchange.second();
    clock.after(1_000, second);
  };
  clock.after(1_000, second);
  const started = feed.start(record.onEvents);
  // Whoever does not care whether it started hears of it by the test's other claims.
  started.catch(() => {});

  return {
    exchange,
    feed,
    record,
    clock,
    notices,
    symbols,
    started,
    run: async (forMs, tradeEveryMs = 500) => {
      const endMs = clock.now() + forMs;
      while (tradeEveryMs > 0 && clock.now() + tradeEveryMs <= endMs) {
        for (const symbol of symbols) {
          exchange.trade(symbol);
          exchange.quote(symbol);
        }
        await runFor(clock, tradeEveryMs);
      }
      await runFor(clock, endMs - clock.now());
    },
    faults: () => symbols.flatMap((symbol) => record.faultsOf(symbol, exchange).map((fault) => `${symbol}: ${fault}`)),
  };
};
