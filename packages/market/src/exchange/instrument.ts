import type { Clock, FeedState, Trade } from '@tickwire/protocol';
import type { FeedEvent, Instrument } from '../feed.js';
import type { Link } from './link.js';
import { createPaceWatch } from './pace-watch.js';
import { createRefill, type RefillOptions } from './refill.js';
import { createSilenceWatch } from './silence-watch.js';
import { createStateReport } from './state-report.js';
import { createTradeLine, type TradeLineCounters } from './trade-line.js';
import { createQuoteOrder, type Pair, type VenueItem } from './venue.js';

export interface WatchedOptions extends Pick<RefillOptions, 'fetchTrades'> {
  readonly venue: string;
  readonly pair: Pair;
  readonly clock: Clock;
  readonly link: Link;
  /** A subscription begins with the newest trades. */
  readonly sendsPast: boolean;
  /** The last trade that was published before this feed started: later ones are fetched, or reported as a gap. */
  readonly lastTrade?: Trade | undefined;
  /** Why the venue is not trading now, as it reports itself. */
  readonly systemStatus: () => string | undefined;
  /** Called with events that no frame caused. */
  readonly onEvents: (events: readonly FeedEvent[]) => void;
}

/** One instrument of an exchange feed: its trades in order, its missing trades, and its state. */
export interface Watched {
  readonly symbol: string;
  /** Takes an item of a frame, and appends its events to `out`. `isFirst`: see `Link`. */
  take(item: VenueItem, isFirst: boolean, out: FeedEvent[]): void;
  /** Must be called after the items of a frame, when readiness may have changed, and once a second. */
  look(out: FeedEvent[]): void;
  /** The venue rejected its streams. */
  refuse(reason: string): void;
  readonly status: InstrumentStatus;
  readonly counters: Readonly<TradeCounters>;
  /** Idempotent; reports open gaps. */
  close(): void;
}

/** Counts of the trades of a stream. */
export interface TradeCounters extends TradeLineCounters {
  /** Trades missing on the stream and fetched afterwards. */
  refilled: number;
}

/** The present status of an instrument. */
export interface InstrumentStatus extends Instrument {
  readonly state: FeedState;
  readonly reason?: string;
  /** Time by the wall clock. */
  readonly since: number;
  /** Milliseconds since the last data; absent before the first. */
  readonly ageMs?: number;
  /** A longer silence is checked with the venue. */
  readonly staleAfterMs: number;
}

/** A subscribed instrument without data for this long is stale from the start. */
const firstDataMs = 15_000;
/** Without data it is subscribed again, at intervals that double up to this. */
const mostFirstDataMs = 600_000;
/** How long to wait for the newest trades after subscribing, before requesting them. */
const pastMs = 5_000;
/** How late a trade that the venue mentioned may be on the stream. */
const revealMs = 1_000;

export const createWatched = (options: WatchedOptions): Watched => {
  const { venue, pair, clock, link, sendsPast, lastTrade, systemStatus, fetchTrades, onEvents } = options;
  const { symbol, name } = pair;
  const line = createTradeLine({ venue, symbol });
  if (lastTrade) line.addPast([lastTrade], []);
  const report = createStateReport({ venue, pair, clock });
  let isReady = false;
  let readySince = 0;
  let subscribeAt = 0;
  let subscribeGapMs = firstDataMs;
  let refusal: string | undefined;
  let quotes = createQuoteOrder();
  /** Whether the newest trades arrived since the last disconnect, and until when they are expected. */
  let pastSeen = false;
  let pastUntil = Number.POSITIVE_INFINITY;
  let revealed: { id: number; at: number } | undefined;
  /** Depth of calls to `take` and `look`. Their caller emits the appended events, which no other event may overtake. */
  let depth = 0;

  const refill = createRefill({
    pair,
    line,
    clock,
    fetchTrades,
    onEvents: (events) => {
      const out = [...events];
      look(out);
      onEvents(out);
    },
    onChanged: () => {
      if (depth > 0) return;
      const out: FeedEvent[] = [];
      look(out);
      if (out.length > 0) onEvents(out);
    },
  });

  const pace = createPaceWatch({
    clock,
    onLeftBehind: (what) => {
      link.renew(name);
      link.replace(`${symbol}: trades go on without ${what}`);
    },
  });

  const silence = createSilenceWatch({
    clock,
    askVenue: (onAnswer) => (line.last ? refill.catchUp(onAnswer) : onAnswer(undefined)),
    onStalled: (why) => {
      link.renew(name);
      link.replace(`${symbol}: ${why}`);
    },
  });

  const catchUp = (): void => {
    pastUntil = Number.POSITIVE_INFINITY;
    refill.catchUp((found) => {
      if (found !== undefined && isReady) report.prove();
    });
  };

  const becomeReady = (now: number): void => {
    readySince = now;
    subscribeGapMs = firstDataMs;
    subscribeAt = now + subscribeGapMs;
    refusal = undefined;
    quotes = createQuoteOrder();
    silence.restart();
    if (!line.last) return;
    if (!sendsPast) catchUp();
    else if (!pastSeen) pastUntil = now + pastMs;
  };

  const becomeUnready = (): void => {
    pastUntil = Number.POSITIVE_INFINITY;
    pastSeen = false;
    report.disprove();
  };

  const checkRevealed = (now: number, out: FeedEvent[]): void => {
    if (!revealed || now - revealed.at < revealMs) return;
    const { newestId } = line;
    if (newestId !== undefined && revealed.id > newestId) {
      line.reveal(revealed.id, clock.wall(), out);
      refill.look();
    }
    revealed = undefined;
  };

  /** Before its first data a stream has no rhythm, and no trade after which the venue could be asked for more. */
  const subscribeAgain = (now: number): void => {
    if (silence.heardAt !== undefined || now < subscribeAt) return;
    subscribeGapMs = Math.min(mostFirstDataMs, subscribeGapMs * 2);
    subscribeAt = now + subscribeGapMs;
    link.renew(name);
  };

  const judge = (now: number): readonly [FeedState, string?] => {
    if (!isReady) return ['down', refusal ?? link.downReason ?? 'waiting for the subscription'];
    const status = systemStatus();
    if (status !== undefined) return ['stale', `${venue} says: ${status}`];
    // While a silence is being checked, no trade is known to be missing.
    const isFilling = refill.isBusy && (line.hole !== undefined || !silence.isAsking);
    if (silence.isStale) return ['stale', silence.staleReason];
    if (isFilling || pastUntil < Number.POSITIVE_INFINITY) return ['resync', 'fetching missed trades'];
    if (silence.heardAt !== undefined) return ['live'];
    if (now - readySince < firstDataMs) return ['down', 'subscribed, and nothing heard yet'];
    return ['stale', 'subscribed, but nothing comes'];
  };

  const ageMs = (now: number): number | undefined =>
    silence.heardAt === undefined ? undefined : now - silence.heardAt;

  const look = (out: FeedEvent[]): void => {
    depth += 1;
    const now = clock.monotonic();
    const wasReady = isReady;
    isReady = link.isReady(name);
    if (isReady && !wasReady) becomeReady(now);
    if (!isReady && (wasReady || link.downReason !== undefined)) becomeUnready();
    if (isReady) {
      checkRevealed(now, out);
      if (now >= pastUntil) catchUp();
      if (!refill.isBusy) silence.check();
      subscribeAgain(now);
      pace.check();
    }
    const [state, reason] = judge(now);
    report.report(state, reason, ageMs(now), out);
    depth -= 1;
  };

  const takeTrades = (item: Extract<VenueItem, { kind: 'trade' | 'past' }>, out: FeedEvent[]): void => {
    depth += 1;
    if (item.kind === 'trade') {
      silence.heard(true);
      pace.traded(item.trade.price);
      line.add(item.trade, out);
    } else {
      line.addPast(item.trades, out);
      // It may arrive before the subscription is confirmed. A hole that it shows is filled or reported as a gap.
      report.prove();
      pastSeen = true;
      pastUntil = Number.POSITIVE_INFINITY;
    }
    refill.look();
    depth -= 1;
  };

  return {
    symbol,
    take: (item, isFirst, out) => {
      switch (item.kind) {
        case 'trade':
        case 'past':
          takeTrades(item, out);
          return;
        case 'quote':
          if (!isFirst || !quotes.isNew(item.order, clock.monotonic())) return;
          silence.heard(false);
          pace.quoted(item.quote);
          out.push({ kind: 'quote', quote: item.quote });
          return;
        case 'stats':
          if (!isFirst) return;
          silence.heard(false);
          silence.summed(item.stats.last);
          pace.summed();
          out.push(item);
          return;
        case 'heartbeat': {
          const id = Number(item.lastTradeId);
          if (id === line.newestId) silence.quiet();
          else if (line.newestId === undefined || id > line.newestId)
            revealed = { id, at: revealed?.at ?? clock.monotonic() };
          return;
        }
        case 'bad':
          if (item.lost) line.lose(Number(item.lost.id), clock.wall(), out);
          refill.look();
          return;
        default:
      }
    },
    look,
    refuse: (why) => {
      refusal = why;
    },
    get status() {
      const now = clock.monotonic();
      return {
        venue,
        symbol,
        state: report.state ?? 'down',
        since: report.since,
        staleAfterMs: silence.staleAfterMs,
        ...(report.reason !== undefined && { reason: report.reason }),
        ...(silence.heardAt !== undefined && { ageMs: now - silence.heardAt }),
      };
    },
    get counters() {
      return { ...line.counters, refilled: refill.refilled };
    },
    close: () => refill.close(),
  };
};
