import { access, constants } from 'node:fs/promises';
import {
  createReplayFeed,
  createSimulatedFeed,
  discoverInstruments,
  type ExchangeFeedStatus,
  type Feed,
  MarketError,
} from '@tickwire/market';
import type { Clock } from '@tickwire/protocol';
import { type Logger, StartError } from '@tickwire/runtime';
import type { FeedConfig } from './feed-config.js';
import type { ReadLastTrades } from './last-trades.js';
import { openExchanges } from './open-exchanges.js';

export interface OpenFeed {
  readonly feed: Feed;
  /** Where the feed stands on its own timeline, in milliseconds; the wall clock for a live one. It labels. */
  now(): number;
  /** The same moment on a clock that never goes back, which measures. Absent where `now` itself is one: in a recording. */
  steady?(): number;
  /** How each exchange behind it fares; empty for what is no exchange. */
  statuses(): readonly ExchangeFeedStatus[];
}

const noStatuses = (): readonly ExchangeFeedStatus[] => [];

/** @throws StartError when the recording cannot be used, ConfigError for symbols that no venue lists */
export const openFeed = async (
  config: FeedConfig,
  untilReady: () => Promise<void>,
  logger: Logger,
  readLastTrades: ReadLastTrades,
  clock: Clock,
): Promise<OpenFeed> => {
  switch (config.kind) {
    case 'exchanges':
      return {
        ...(await openExchanges(config, logger, readLastTrades, clock)),
        now: clock.wall,
        steady: clock.monotonic,
      };
    case 'simulated': {
      const { symbols, seed, tradesPerSecond, beganMs } = config;
      // Whoever shares a market with others may leave nothing out, however long it was stopped.
      const shared = beganMs === undefined ? undefined : { beganMs, maxCatchUpMs: 3_600_000 };
      const feed = createSimulatedFeed({ symbols, seed, tradesPerSecond, clock, ...shared });
      return { feed, now: clock.wall, steady: clock.monotonic, statuses: noStatuses };
    }
    case 'replay': {
      try {
        await access(config.file, constants.R_OK);
        const found = await discoverInstruments(config.file);
        const instruments = found.filter(
          ({ symbol }) => config.symbols.length === 0 || config.symbols.includes(symbol),
        );
        if (instruments.length === 0) {
          throw new StartError(
            `REPLAY_FILE ${config.file} holds ${found.map(({ symbol }) => symbol).join(', ')}, but SYMBOLS asks for ${config.symbols.join(', ')}`,
          );
        }
        const { file, speed, shiftToNow } = config;
        const feed = createReplayFeed({
          file,
          instruments,
          speed,
          shiftToNow,
          untilReady,
          onBadLine: (line) => logger.warn(line, 'bad line in the recording'),
        });
        return { feed, now: feed.now, statuses: noStatuses };
      } catch (error) {
        if (error instanceof MarketError) throw new StartError(error.message, { cause: error });
        if (error instanceof StartError) throw error;
        throw new StartError(`REPLAY_FILE ${config.file} cannot be read: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
};
