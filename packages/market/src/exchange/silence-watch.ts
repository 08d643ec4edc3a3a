import type { Clock } from '@tickwire/protocol';
import { createRhythm } from './rhythm.js';

export interface SilenceWatchOptions {
  readonly clock: Clock;
  /** Requests trades after the newest known one; reports how many there were, or undefined without an answer. */
  readonly askVenue: (onAnswer: (found: number | undefined) => void) => void;
  /** Called, repeatedly, while the stream does not deliver what it should, or that cannot be checked. */
  readonly onStalled: (reason: string) => void;
}

/**
 * Distinguishes a quiet market from a dead stream. An unusual silence, judged by the stream's own rhythm, only raises
 * the question; the venue's REST API answers it.
 */
export interface SilenceWatch {
  /** Data arrived on the stream. */
  heard(isTrade: boolean): void;
  /** The price of the last trade in the venue's statistics: one that moves gives a stream without trades away. */
  summed(last: string | undefined): void;
  /** The venue confirmed that there is nothing new. */
  quiet(): void;
  /** The stream starts or restarts. */
  restart(): void;
  /** Must be called about once a second while the stream is subscribed. */
  check(): void;
  readonly isStale: boolean;
  /** What is missing, and for how long: `no trades for 8 s`. */
  readonly staleReason: string;
  /** The venue is being asked, and has not confirmed a loss yet. */
  readonly isAsking: boolean;
  /** Time of the last data. */
  readonly heardAt: number | undefined;
  readonly staleAfterMs: number;
}

/** How long the stream may take to deliver trades that the venue already reports. */
const suspicionMs = 2_000;
const askAgainMs = 30_000;
const mostPatience = 64;
/** How long prices may move in the statistics before the first trade comes. */
const firstTradeMs = 15_000;
const mostFirstTradeMs = 600_000;
const missingTrades = 'the venue has trades that the stream does not bring';

export const createSilenceWatch = (options: SilenceWatchOptions): SilenceWatch => {
  const { clock, askVenue, onStalled } = options;
  // Separate, because quotes may continue after the stream of trades has died.
  const all = createRhythm();
  const trades = createRhythm();
  let heardAt: number | undefined;
  let tradeHeardAt: number | undefined;
  /** Time of the last data, or of the venue's last confirmation that there was none. */
  let allAliveAt = clock.monotonic();
  let tradesAliveAt = allAliveAt;
  let state: 'fine' | 'suspected' | 'stale' = 'fine';
  /** Only trades are missing, so quotes do not end the suspicion. */
  let isTradesOnly = false;
  let stateSince = 0;
  let isAsking = false;
  let patience = 1;
  /** Before the first trade: since when there could have been one, the price then, and since when it moves. */
  let startedAt = allAliveAt;
  let firstPrice: string | undefined;
  let movedAt: number | undefined;
  let firstTradeGapMs = firstTradeMs;

  const become = (next: typeof state): void => {
    state = next;
    stateSince = clock.monotonic();
  };

  const quiet = (): void => {
    allAliveAt = clock.monotonic();
    tradesAliveAt = allAliveAt;
    if (state !== 'fine') become('fine');
  };

  const ask = (): void => {
    const askedAt = clock.monotonic();
    isAsking = true;
    askVenue((found) => {
      isAsking = false;
      if (tradeHeardAt !== undefined && tradeHeardAt >= askedAt) return;
      if (found === 0) {
        quiet();
        patience = Math.min(mostPatience, patience * 2);
      } else if (found !== undefined) {
        if (state === 'fine') become('suspected');
        else stalled(missingTrades);
      } else if (isTradesOnly) {
        tradesAliveAt = clock.monotonic();
        patience = Math.min(mostPatience, patience * 2);
      } else stalled('no data, and no answer from the venue about it');
    });
  };

  const stalled = (reason: string): void => {
    become('stale');
    onStalled(reason);
  };

  return {
    heard: (isTrade) => {
      const now = clock.monotonic();
      all.touch(now);
      heardAt = now;
      allAliveAt = now;
      if (isTrade) {
        trades.touch(now);
        tradeHeardAt = now;
        tradesAliveAt = now;
        firstTradeGapMs = firstTradeMs;
      }
      if (isTrade || !isTradesOnly) {
        patience = 1;
        if (state !== 'fine') become('fine');
      }
    },
    summed: (last) => {
      if (last === undefined || tradeHeardAt !== undefined) return;
      firstPrice ??= last;
      if (last !== firstPrice) movedAt ??= clock.monotonic();
    },
    quiet,
    restart: () => {
      startedAt = clock.monotonic();
      firstPrice = undefined;
      movedAt = undefined;
      all.restart();
      trades.restart();
      patience = 1;
      quiet();
    },
    check: () => {
      const now = clock.monotonic();
      if (isAsking) return;
      if (tradeHeardAt === undefined && movedAt !== undefined) {
        if (now - movedAt < firstTradeGapMs) return;
        // No trade is known after which the venue could be asked.
        movedAt = now;
        firstTradeGapMs = Math.min(mostFirstTradeMs, firstTradeGapMs * 2);
        isTradesOnly = true;
        stalled(missingTrades);
      } else if (state === 'suspected') {
        if (now - stateSince >= suspicionMs) stalled(missingTrades);
      } else if (state === 'stale') {
        if (now - stateSince >= askAgainMs) {
          stateSince = now;
          ask();
        }
      } else if (heardAt !== undefined) {
        const isAllSilent = now - allAliveAt > all.staleAfterMs() * patience;
        const areTradesSilent = tradeHeardAt !== undefined && now - tradesAliveAt > trades.staleAfterMs() * patience;
        if (!isAllSilent && !areTradesSilent) return;
        isTradesOnly = !isAllSilent;
        ask();
      }
    },
    get isStale() {
      return state === 'stale';
    },
    get staleReason() {
      const [what, since = startedAt] = isTradesOnly ? ['trades', tradeHeardAt] : ['data', heardAt];
      return `no ${what} for ${Math.round((clock.monotonic() - since) / 1_000)} s`;
    },
    get isAsking() {
      return isAsking && state === 'fine';
    },
    get heardAt() {
      return heardAt;
    },
    get staleAfterMs() {
      return all.staleAfterMs() * patience;
    },
  };
};
