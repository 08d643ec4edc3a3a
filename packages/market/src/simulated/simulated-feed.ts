import { setImmediate } from 'node:timers/promises';
import { type Bar, type Clock, createSystemClock, isVenue } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import type { Candle } from '../exchange/venue.js';
import type { Feed, FeedEvent, Instrument } from '../feed.js';
import { createMarketStream, type MarketStream, maxPastMinutes } from './market-stream.js';
import { simulatedMarket } from './simulated-markets.js';

export interface SimulatedFeedOptions {
  /** Canonical `BASE-QUOTE`, each once. */
  readonly symbols: readonly string[];
  /** @default 1 */
  readonly seed?: number | string;
  /** Long-term mean for each symbol; trades come in bursts far above it. At most 10,000. @default 20 */
  readonly tradesPerSecond?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default 'sim' */
  readonly venue?: string;
  /**
   * Start of the market, if before the start of the feed: the events since then come first, in parts between which the
   * event loop turns. Two feeds with the same seed and start have the same events, like two connections to one
   * exchange. @default the start of the feed
   */
  readonly beganMs?: number;
  /**
   * Whole minutes before the start of the feed that have bars and count in the statistics: fewer start sooner. At most
   * 1,439, which is the default.
   */
  readonly pastMinutes?: number;
  /** Each part of that past waits for it. @default no wait */
  readonly untilRoom?: () => Promise<void>;
  /** Events are emitted in steps of this length. @default 20 */
  readonly stepMs?: number;
  /**
   * After a longer pause the missed time is skipped, and so is a larger lead of the wall clock: the machine was asleep,
   * or its clock was set.
   * @default 1_000
   */
  readonly maxCatchUpMs?: number;
}

export interface SimulatedFeed extends Feed {
  /** `skippedMs`: time skipped because the process was paused. */
  readonly counters: { readonly trades: number; readonly skippedMs: number };
  /** Milliseconds before the present whose events are still to come; 0 once a market with a past has reached it. */
  readonly pastMs: number;
}

/** Mean number of events in a part of the past: the event loop turns some dozen times a second. */
const partEvents = 2_000;
/** Quotes and statistics of a symbol in a second, beside its trades. */
const quotesPerSecond = 5;
/** Past minutes that are computed before the first event, those of 16 symbols; the others follow, some in each step. */
const minutesAtStart = 16 * 1_440;
const minutesInStep = 25;
/** Minutes of `past` between two turns of the event loop. */
const minutesInTurn = 120;

/**
 * Invented markets that look like real ones: clustered volatility with regimes and jumps, trades in bursts, a book
 * whose imbalance says a little about the next second. What is traded at a moment follows from seed, rate and symbol
 * alone: any minute can be computed by itself, past ones too, and a feed that starts anew goes on where the market is.
 * Only trade ids count from the start, and timers decide only the receive time (`rts`). The first array has, for each
 * symbol, its state, a quote and the statistics of the past day (of more than 16 symbols these follow).
 * @throws MarketError `bad-option`, `bad-symbol`; from `start`: `already-started`
 */
export const createSimulatedFeed = (options: SimulatedFeedOptions): SimulatedFeed => {
  const { symbols, seed = 1, tradesPerSecond = 20, clock = createSystemClock(), venue = 'sim' } = options;
  const { stepMs = 20, maxCatchUpMs = 1000, untilRoom, pastMinutes = maxPastMinutes } = options;
  if (symbols.length === 0) throw new MarketError('bad-option', 'a simulated feed needs at least one symbol');
  if (new Set(symbols).size !== symbols.length) throw new MarketError('bad-option', 'a symbol is given twice');
  if (!isVenue(venue)) throw new MarketError('bad-option', `expected a lower-case venue name, got ${venue}`);
  checkRange('tradesPerSecond', tradesPerSecond, 0.001, 10_000);
  checkRange('pastMinutes', pastMinutes, 0, maxPastMinutes);
  checkRange('stepMs', stepMs, 1, 1000);
  checkRange('maxCatchUpMs', maxCatchUpMs, stepMs, 3_600_000);

  const streamOf = (symbol: string, startMs: number) =>
    createMarketStream({ venue, symbol, seed: String(seed), tradesPerSecond, startMs, pastMinutes });
  // Bad symbols are rejected here, not at the start.
  for (const symbol of symbols) simulatedMarket(symbol);

  let streams: readonly MarketStream[] = [];
  let skippedMs = 0;
  /** Time of the markets: it begins with our wall clock, and continues steadily. */
  let marketMs = 0;
  let measuredAt = 0;
  let cancel: (() => void) | undefined;
  let isStarted = false;
  let isClosed = false;
  /** Until the markets reach the present for the first time. */
  let isPast = true;
  /** From the time of the markets to the present. */
  let leftMs = 0;
  const partMs = Math.max(stepMs, (1000 * partEvents) / (symbols.length * (tradesPerSecond + quotesPerSecond)));

  /**
   * Advances it by at most a part, and returns by how much. If the wall clock is far ahead it was set, or the machine was
   * asleep.
   */
  const goOn = (): number => {
    const before = marketMs;
    const now = clock.monotonic();
    const missingMs = now - measuredAt;
    leftMs = missingMs > maxCatchUpMs ? 0 : Math.max(0, missingMs - partMs);
    marketMs += missingMs - leftMs;
    const wallMs = clock.wall();
    if (wallMs - leftMs - marketMs > maxCatchUpMs) {
      leftMs = 0;
      marketMs = wallMs;
    }
    measuredAt = now - leftMs;
    isPast &&= leftMs > 0;
    return marketMs - before;
  };

  /** The requests of all symbols, one after the other: a turn of the event loop computes one part of them. */
  let requested: Promise<unknown> = Promise.resolve();
  let sinceTurn = 0;

  const readPast = async (stream: MarketStream, symbol: string, fromMs: number, untilMs: number): Promise<Bar[]> => {
    const bars: Bar[] = [];
    for (const minute of stream.past(fromMs, untilMs)) {
      // A request that waits for others does not delay a process that stops.
      if (isClosed) break;
      bars.push(pastBar({ venue, symbol }, minute));
      sinceTurn += 1;
      if (sinceTurn < minutesInTurn) continue;
      sinceTurn = 0;
      await setImmediate();
    }
    return bars;
  };

  const fillPast = (minutes: number, isKept: boolean): void => {
    let left = minutes;
    for (const stream of streams) if (left > 0) left -= stream.fillPast(left, isKept);
  };

  const step = (): FeedEvent[] => {
    const passedMs = goOn();
    if (passedMs > maxCatchUpMs) {
      skippedMs += passedMs;
      for (const stream of streams) stream.skipTo(marketMs);
    }
    const rts = clock.wall();
    const events: FeedEvent[] = [];
    fillPast(minutesInStep, false);
    for (const stream of streams) stream.advance(marketMs, rts, events);
    // Each stream is in order already; the sort is stable, so the order also holds within a millisecond.
    return streams.length > 1 ? events.sort((a, b) => timeOf(a) - timeOf(b)) : events;
  };

  return {
    instruments: symbols.map((symbol) => ({ venue, symbol })),
    counters: {
      get trades() {
        return streams.reduce((sum, stream) => sum + stream.trades(), 0);
      },
      get skippedMs() {
        return skippedMs;
      },
    },
    get pastMs() {
      return isPast ? leftMs : 0;
    },
    start: async (onEvents) => {
      if (isStarted || isClosed) throw new MarketError('already-started', 'a simulated feed starts once');
      isStarted = true;
      const nowMs = clock.wall();
      marketMs = Math.min(options.beganMs ?? nowMs, nowMs);
      let dueAt = clock.monotonic();
      measuredAt = dueAt - (nowMs - marketMs);
      streams = symbols.map((symbol) => streamOf(symbol, marketMs));
      // The producer asks for them right after the start.
      fillPast(minutesAtStart, true);
      const schedule = (): void => {
        if (isClosed) return;
        const now = clock.monotonic();
        dueAt = leftMs > 0 ? now : Math.max(dueAt + stepMs, now);
        cancel = clock.after(dueAt - now, () => turn([]));
      };
      const turn = (first: readonly FeedEvent[]): void => {
        const events = [...first, ...step()];
        const room = isPast ? untilRoom : undefined;
        if (room === undefined) schedule();
        if (events.length > 0) onEvents(events);
        if (room !== undefined) void room().then(schedule);
      };
      turn(symbols.map((symbol) => ({ kind: 'state', state: { venue, symbol, state: 'live', rts: nowMs } })));
    },
    past: ({ symbol }, { interval, fromMs, untilMs }) => {
      const stream = streams[symbols.indexOf(symbol)];
      if (interval !== '1m' || stream === undefined) return Promise.resolve([]);
      const bars = requested.then(() => readPast(stream, symbol, fromMs, untilMs));
      requested = bars.catch(() => {});
      return bars;
    },
    close: async () => {
      isClosed = true;
      cancel?.();
    },
  };
};

const pastBar = (instrument: Instrument, minute: Candle): Bar => {
  const ts = minute.start + 59_999;
  return { type: 'price.bar', ...instrument, ts, rts: ts, interval: '1m', ...minute, closed: true };
};

const timeOf = (event: FeedEvent): number => {
  switch (event.kind) {
    case 'trade':
      return event.trade.ts;
    case 'quote':
      return event.quote.ts;
    case 'stats':
      return event.stats.ts;
    default:
      return 0;
  }
};

const checkRange = (name: string, value: number, low: number, high: number): void => {
  if (!(value >= low && value <= high))
    throw new MarketError('bad-option', `${name} must be between ${low} and ${high}, got ${value}`);
};
