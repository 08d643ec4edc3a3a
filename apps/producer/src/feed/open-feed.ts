import type { ExchangeFeedStatus, Feed, Instrument, ReplayFeed } from '@tickwire/market';
import { type CatalogEntry, type Clock, createSystemClock } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { FeedConfig } from './feed-config.js';
import type { ReadLastTrades } from './last-trades.js';
import { openExchanges } from './open-exchanges.js';
import { openReplay } from './open-replay.js';
import { openSimulated, warnOfBeginning } from './open-simulated.js';

export interface OpenFeed {
  readonly feed: Feed;
  /** The same feed, if it is a recording. */
  readonly replay?: ReplayFeed;
  /** The present on the feed's own timeline, in milliseconds: the wall clock for a live feed. It labels. */
  now(): number;
  /** The same moment on a monotonic clock, for measuring. Absent for a recording: there `now` never goes back. */
  steady?(): number;
  /** Milliseconds of the past whose events are still to come, before those of the present. */
  pastMs(): number;
  /** Status of each exchange behind the feed; empty if there is none. */
  statuses(): readonly ExchangeFeedStatus[];
}

const noPast = (): number => 0;
const noStatuses = (): readonly ExchangeFeedStatus[] => [];

export interface OpenFeedOptions {
  /** Resolves when more events can be published: for feeds that can wait. */
  readonly untilReady: () => Promise<void>;
  readonly readLastTrades: ReadLastTrades;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** @throws StartError if the recording cannot be used, ConfigError for symbols that no venue lists */
export const openFeed = async (
  config: FeedConfig,
  { untilReady, readLastTrades, logger, clock }: OpenFeedOptions,
): Promise<OpenFeed> => {
  switch (config.kind) {
    case 'exchanges':
      return {
        ...(await openExchanges(config, logger, readLastTrades, clock)),
        now: clock.wall,
        steady: clock.monotonic,
        pastMs: noPast,
      };
    case 'simulated': {
      const simulated = openSimulated(config, untilReady, logger, clock);
      return { ...simulated, now: clock.wall, steady: clock.monotonic, statuses: noStatuses };
    }
    case 'replay': {
      const replay = await openReplay(config, untilReady, logger, clock);
      return { feed: replay, replay, now: replay.now, pastMs: noPast, statuses: noStatuses };
    }
  }
};

/**
 * Lists the instruments of a feed, from the venue's list or the recording. @throws what the start of a producer throws
 */
export const listInstruments = async (config: FeedConfig, logger: Logger): Promise<readonly Instrument[]> => {
  const clock = createSystemClock();
  const { feed } = await openFeed(config, {
    untilReady: () => Promise.resolve(),
    readLastTrades: () => Promise.resolve(new Map()),
    logger,
    clock,
  });
  // A start says so.
  if (config.kind === 'simulated' && config.beganMs !== undefined)
    warnOfBeginning(clock.wall() - config.beganMs, logger);
  await feed.close();
  return feed.instruments;
};

/** Marks prices that do not come from a market, or not from the present. */
const originOf: Readonly<Partial<Record<FeedConfig['kind'], Pick<CatalogEntry, 'simulated' | 'recorded'>>>> = {
  simulated: { simulated: true },
  replay: { recorded: true },
};

/** The catalog's entry of an instrument. Precision is absent until a price is known. */
export const catalogEntry = (
  kind: FeedConfig['kind'],
  { venue, symbol }: Instrument,
  known: { readonly priceDecimals: number | undefined } | undefined,
): CatalogEntry => {
  const priceDecimals = known?.priceDecimals;
  return { venue, symbol, ...(priceDecimals !== undefined && { priceDecimals }), ...originOf[kind] };
};
