import { createSimulatedFeed, type Feed } from '@tickwire/market';
import type { Clock } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { FeedConfig } from './feed-config.js';

type SimulatedConfig = Extract<FeedConfig, { readonly kind: 'simulated' }>;

export interface OpenSimulated {
  readonly feed: Feed;
  /** Milliseconds of the past whose events are still to come. */
  pastMs(): number;
}

/** How far before the start of the process a market may have begun. */
const maxPastMs = 3_600_000;

/**
 * Opens a simulated market, and logs that its past is computed first if there is much of it.
 * @param untilReady resolves when there is room for more of the past
 */
export const openSimulated = (
  { symbols, seed, tradesPerSecond, pastMinutes, beganMs }: SimulatedConfig,
  untilReady: () => Promise<void>,
  logger: Logger,
  clock: Clock,
): OpenSimulated => {
  // Producers that share a market must not skip any of it, however long they were stopped.
  const shared = beganMs === undefined ? undefined : { beganMs, maxCatchUpMs: maxPastMs, untilRoom: untilReady };
  const feed = createSimulatedFeed({ symbols, seed, tradesPerSecond, pastMinutes, clock, ...shared });
  const start: Feed['start'] = async (onEvents) => {
    if (beganMs !== undefined) warnOfBeginning(clock.wall() - beganMs, logger);
    let isPast = false;
    await feed.start((events) => {
      onEvents(events);
      const hasPast = feed.pastMs > 0;
      if (hasPast === isPast) return;
      isPast = hasPast;
      if (isPast)
        logger.info({ pastSeconds: Math.round(feed.pastMs / 1_000) }, 'the past of the feed is computed first');
      else logger.info('the past of the feed is computed: the present begins');
    });
  };
  return {
    feed: { instruments: feed.instruments, start, close: feed.close, ...(feed.past && { past: feed.past }) },
    pastMs: () => feed.pastMs,
  };
};

/** Producers that share such a beginning would number the same trades differently. */
export const warnOfBeginning = (agoMs: number, logger: Pick<Logger, 'warn'>): void => {
  if (agoMs < 0) logger.warn('SIM_BEGAN_MS has not come yet: the market begins now, with trade ids of its own');
  if (agoMs > maxPastMs)
    logger.warn('SIM_BEGAN_MS is more than an hour ago, and no more is computed: this market has trade ids of its own');
};
