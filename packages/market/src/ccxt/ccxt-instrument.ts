import { type Clock, createTimers, type FeedState, type Trade } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import { createBackoff } from '../exchange/backoff.js';
import type { OnBadEntry } from '../exchange/entries.js';
import { createSilenceWatch } from '../exchange/silence-watch.js';
import type { Pair } from '../exchange/venue.js';
import type { FeedEvent } from '../feed.js';
import { ccxtTickerEvents, ccxtTrade } from './ccxt-events.js';
import { type CcxtExchange, type CcxtTrade, ccxtLimitMs, ccxtReason } from './ccxt-exchange.js';
import { createNewTrades } from './new-trades.js';

export interface CcxtInstrumentOptions {
  readonly exchange: CcxtExchange;
  readonly venue: string;
  readonly pair: Pair;
  readonly clock: Clock;
  readonly random: () => number;
  /** The last trade that was published before this feed started. */
  readonly lastTrade?: Trade | undefined;
  readonly onEvents: (events: readonly FeedEvent[]) => void;
  /** Called for each trade and ticker that cannot be used. */
  readonly onBadEntry: OnBadEntry;
  /** Called if no data arrives and the exchange does not confirm that there is none. */
  readonly onStalled: (reason: string) => void;
}

export interface CcxtInstrument {
  /** Must be called about once a second. */
  check(): void;
  /** Idempotent. No event follows. */
  close(): void;
}

const fetchLimit = 1_000;

export const createCcxtInstrument = (options: CcxtInstrumentOptions): CcxtInstrument => {
  const { exchange, venue, pair, clock, random, onEvents, onBadEntry, onStalled } = options;
  const instrument = { venue, symbol: pair.symbol };
  const known = createNewTrades(options.lastTrade);
  let state: FeedState | undefined;
  let downReason: string | undefined;
  /** A connection broke since the last trade: missed trades must be fetched. */
  let hasBroken = known.last !== undefined;
  /** Trades of the stream that arrive while missed ones are fetched. */
  let mending: Trade[] | undefined;
  let isClosed = false;
  const timers = createTimers(clock);

  const become = (next: FeedState, out: FeedEvent[], reason?: string, isComplete?: true): void => {
    // Why it is down may change: a name that is not found at first, then an address that is not allowed.
    if (next === state && (next !== 'down' || reason === downReason)) return;
    state = next;
    downReason = next === 'down' ? reason : undefined;
    const rts = clock.wall();
    const age = silence.heardAt === undefined ? undefined : { ageMs: clock.monotonic() - silence.heardAt };
    const proof = isComplete && { isComplete };
    out.push({
      kind: 'state',
      state: { ...instrument, state: next, rts, ...(reason && { reason }), ...age, ...proof },
    });
  };

  const fetchAfterLast = async (): Promise<readonly Trade[] | undefined> => {
    const { last, hasIds } = known;
    if (!last || !hasIds || !exchange.has['fetchTrades']) return undefined;
    try {
      return read(await exchange.fetchTrades(pair.name, last.ts, fetchLimit));
    } catch {
      return undefined; // reported as a gap, or as no answer
    }
  };

  const silence = createSilenceWatch({
    clock,
    askVenue: (onAnswer) => {
      void fetchAfterLast().then((trades) => {
        if (isClosed) return;
        const { last } = known;
        const isComparable = trades?.some((trade) => last && isSame(trade, last)) ?? false;
        onAnswer(isComparable ? trades?.filter(known.isNew).length : undefined);
      });
    },
    onStalled,
  });

  const bad = (error: unknown): void => {
    if (!(error instanceof MarketError)) throw error;
    onBadEntry(`${pair.name}: ${error.message}`);
  };

  /** Oldest first. What cannot be used is left out and reported: ccxt gives trades without a side now and then. */
  const read = (list: readonly CcxtTrade[]): Trade[] => {
    const trades: Trade[] = [];
    for (const data of list) {
      try {
        const trade = ccxtTrade(data, instrument, clock.wall());
        trades.push({ ...trade, id: trade.id ?? known.nameFor(trade.ts) });
      } catch (error) {
        bad(error);
      }
    }
    return trades.sort((a, b) => a.ts - b.ts);
  };

  const give = (trades: readonly Trade[], out: FeedEvent[]): void => {
    for (const trade of trades) {
      if (!known.isNew(trade)) continue;
      known.add(trade);
      out.push({ kind: 'trade', trade });
    }
  };

  /** Emits trades after a broken connection, preceded by the missed ones or by a gap. */
  const mend = async (fresh: Trade[]): Promise<void> => {
    hasBroken = false;
    mending = fresh;
    const out: FeedEvent[] = [];
    become('resync', out, 'fetching missed trades');
    onEvents(out.splice(0));
    const before = known.last;
    const missed = await fetchAfterLast();
    mending = undefined;
    if (isClosed) return;
    // An answer that reaches back to an emitted trade proves that none is missing.
    const isComplete = missed?.some((trade) => before && isSame(trade, before)) ?? false;
    if (!isComplete && before) out.push({ kind: 'gap', gap: { ...instrument, afterId: before.id, rts: clock.wall() } });
    give([...(isComplete ? (missed ?? []) : []), ...fresh], out);
    if (!hasBroken) become('live', out, undefined, isComplete || undefined);
    onEvents(out);
  };

  const takeTrades = (list: readonly CcxtTrade[]): void => {
    silence.heard(true);
    const trades = read(list);
    if (mending) mending.push(...trades);
    // Not awaited: ccxt delivers trades between two watches only with the next one.
    else if (hasBroken && known.last) void mend(trades);
    else {
      hasBroken = false;
      const out: FeedEvent[] = [];
      become('live', out);
      // One that cannot be used is missing.
      if (trades.length < list.length && known.last)
        out.push({ kind: 'gap', gap: { ...instrument, afterId: known.last.id, rts: clock.wall() } });
      give(trades, out);
      onEvents(out);
    }
  };

  const takeTicker = (events: readonly FeedEvent[]): void => {
    silence.heard(false);
    for (const event of events) if (event.kind === 'stats') silence.summed(event.stats.last);
    const out: FeedEvent[] = [];
    // Trades may still be missing: only their own stream makes it live.
    if (!hasBroken && state !== 'resync' && !silence.isStale) become('live', out);
    onEvents([...out, ...events]);
  };

  /** Repeats `once`; after failures with growing waits. */
  const keep = async (once: () => Promise<void>, onFailure: (reason: string) => void): Promise<void> => {
    const backoff = createBackoff({ random, baseMs: 1_000 });
    while (!isClosed) {
      try {
        await once();
        backoff.reset();
      } catch (error) {
        if (isClosed) return;
        onFailure(ccxtReason(error));
        await timers.pause(100 + Math.max(backoff.nextMs(), ccxtLimitMs(error)));
      }
    }
  };

  const watchTrades = async (): Promise<void> => {
    const trades = await exchange.watchTrades(pair.name);
    if (!isClosed) takeTrades(trades);
  };

  const watchTicker = async (): Promise<void> => {
    const ticker = await exchange.watchTicker(pair.name);
    if (isClosed) return;
    try {
      takeTicker(ccxtTickerEvents(ticker, instrument, clock.wall()));
    } catch (error) {
      bad(error);
    }
  };

  const out: FeedEvent[] = [];
  become('down', out, 'not connected yet');
  onEvents(out);
  void keep(watchTrades, (reason) => {
    hasBroken = true;
    const events: FeedEvent[] = [];
    become('down', events, reason);
    onEvents(events);
  });
  if (exchange.has['watchTicker'])
    void keep(watchTicker, (reason) => {
      // The stream of trades reports what is the trouble of both.
      if (!hasBroken) onBadEntry(`${pair.name}: no tickers: ${reason}`);
    });

  return {
    check: () => {
      if (state !== 'live' && state !== 'stale') return;
      silence.check();
      const events: FeedEvent[] = [];
      if (silence.isStale) become('stale', events, silence.staleReason);
      else if (state === 'stale') become('live', events);
      onEvents(events);
    },
    close: () => {
      isClosed = true;
      timers.cancelAll();
    },
  };
};

/** Some exchanges have other ids by REST than on their stream, as for aggregated trades: then nothing is proven. */
const isSame = (a: Trade, b: Trade): boolean =>
  a.id === b.id && a.ts === b.ts && a.price === b.price && a.size === b.size && a.side === b.side;
