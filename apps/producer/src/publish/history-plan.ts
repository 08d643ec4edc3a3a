import { createRetention, type GroupBounds, type Retention } from '@tickwire/channel-layer';
import { type ChannelKind, channelKinds, parseChannelName } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';

export interface HistoryPlanOptions {
  /** Memory in Redis for the history of all market channels. */
  readonly memoryMb: number;
  /** Number of messages kept of every channel, instead of the number for its kind. */
  readonly size?: number | undefined;
  /** How long a channel is kept after its last message, instead of the time for its kind. */
  readonly ttlMs?: number | undefined;
  readonly logger: Logger;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** Decides how much history each channel has, so that all of it fits into the memory available. */
export interface HistoryPlan {
  readonly retention: Retention;
  /** Divides the memory among this many symbols, and logs the result. */
  divide(symbols: number): HistoryShare;
}

/** How much of its planned history each channel gets. */
export interface HistoryShare {
  readonly symbols: number;
  readonly channels: number;
  readonly historyMb: number;
  readonly wantedMb: number;
  /** 1 for all of it. */
  readonly share: number;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const kib = 1_024;

/**
 * Trades repair charts and lists. Of tickers and forecasts only the newest matter; older ones fill short holes. Bars
 * reach back 2 days in minutes and 30 days in hours. `bytes` is what that many messages take.
 */
const kinds: Readonly<Record<ChannelKind, GroupBounds>> = {
  trade: { entries: 3_000, bytes: 768 * kib, ttlMs: 60 * minute },
  ticker: { entries: 1_200, bytes: 640 * kib, ttlMs: 10 * minute },
  'bar-1s': { entries: 600, bytes: 224 * kib, ttlMs: 10 * minute },
  'bar-1m': { entries: 2_900, bytes: 1_284 * kib, ttlMs: 2 * day },
  'bar-5m': { entries: 200, bytes: 90 * kib, ttlMs: 2 * day },
  'bar-15m': { entries: 96, bytes: 43 * kib, ttlMs: 2 * day },
  'bar-1h': { entries: 725, bytes: 322 * kib, ttlMs: 30 * day },
  'bar-4h': { entries: 90, bytes: 41 * kib, ttlMs: 30 * day },
  'bar-1d': { entries: 60, bytes: 27 * kib, ttlMs: 30 * day },
  forecast: { entries: 150, bytes: 512 * kib, ttlMs: 10 * minute },
  health: { entries: 200, bytes: 48 * kib, ttlMs: 60 * minute },
  gap: { entries: 100, bytes: 16 * kib, ttlMs: 24 * 60 * minute },
};

/** All other channels: the catalog, and channels that other programs write. */
const others: GroupBounds = { entries: 10_000, bytes: 4_096 * kib, ttlMs: 60 * minute };

export const createHistoryPlan = (options: HistoryPlanOptions): HistoryPlan => {
  const { memoryMb, size, ttlMs, logger, now } = options;
  /** A configured size is a number of messages, however large they are. */
  const bytesFactor = (entries: number): number => (size === undefined ? 1 : size / entries);

  const boundsOf = (group: string): GroupBounds => {
    const kind = parseChannelName(group)?.kind;
    const bounds = kind === undefined ? others : kinds[kind];
    return {
      entries: size ?? bounds.entries,
      bytes: bounds.bytes * bytesFactor(bounds.entries),
      ttlMs: ttlMs ?? bounds.ttlMs,
    };
  };

  const retention = createRetention({
    boundsOf,
    ...(now && { now }),
    onReduced(isReduced) {
      if (isReduced) logger.error('Redis is full: history is shortened, so that prices go on');
      else logger.info('history is as long as planned again');
    },
  });

  return {
    retention,
    divide(symbols) {
      const wanted =
        symbols * channelKinds.reduce((sum, kind) => sum + kinds[kind].bytes * bytesFactor(kinds[kind].entries), 0);
      const budget = memoryMb * kib * kib;
      const share = Math.min(1, budget / wanted);
      retention.plan(share);
      const plan: HistoryShare = {
        symbols,
        channels: symbols * channelKinds.length,
        historyMb: Math.ceil((wanted * share) / kib / kib),
        wantedMb: Math.ceil(wanted / kib / kib),
        share: Number(share.toFixed(3)),
      };
      if (share === 1) logger.info(plan, 'history planned');
      else logger.warn(plan, `history is shortened to fit HISTORY_MEMORY_MB=${memoryMb}`);
      return plan;
    },
  };
};
