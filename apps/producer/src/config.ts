import { partSchema } from '@tickwire/protocol';
import {
  type ConfigOf,
  type Environment,
  logFormats,
  logLevels,
  oneOf,
  operatorToken,
  optionalNumber,
  optionalPort,
  readEnvironment,
  wholeNumber,
} from '@tickwire/runtime';
import { z } from 'zod';
import { type FeedConfig, feedConfig, feedVariables } from './feed/feed-config.js';
import type { HistoryPlanOptions } from './publish/history-plan.js';

const variables = {
  /** Name of this producer's part, if several producers share the venues. */
  PRODUCER_NAME: partSchema.optional(),
  /** Shortest time between two tickers of a symbol. */
  TICKER_MS: wholeNumber(10, 60_000, 100),
  /** File to which each message is written before it is sent, for tests. */
  PUBLISH_LOG: z.string().optional(),
  LEASE_MS: wholeNumber(300, 600_000, 3_000),
  /** Messages kept while Redis is unreachable. */
  MAX_BUFFERED: wholeNumber(100, 10_000_000, 100_000),
  /** Port of `/readyz` and `/metrics`; they are not served without it. */
  HEALTH_PORT: optionalPort(),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: oneOf(logLevels),
  LOG_FORMAT: oneOf(logFormats),
  /** Signs the reports to operators. */
  ADMIN_TOKEN: operatorToken.optional(),
};

const historyVariables = {
  HISTORY_MEMORY_MB: wholeNumber(1, 1_000_000, 384),
  HISTORY_SIZE: optionalNumber(1, 1_000_000),
  HISTORY_TTL_MS: optionalNumber(1_000, 2_592_000_000),
};

/** The variables, with their names in camel case. */
export interface ProducerConfig extends ConfigOf<typeof variables> {
  readonly feed: FeedConfig;
  readonly history: Pick<HistoryPlanOptions, 'memoryMb' | 'size' | 'ttlMs'>;
  /** Likely mistakes in the environment; logged at the start. */
  readonly hints: readonly string[];
}

/** @throws ConfigError */
export const producerConfig = (environment: Environment): ProducerConfig => {
  const groups = { own: variables, feed: feedVariables, history: historyVariables };
  const { values, hints } = readEnvironment(groups, environment);
  const { historyMemoryMb: memoryMb, historySize: size, historyTtlMs: ttlMs } = values.history;
  const feed = feedConfig(values.feed);
  return {
    ...values.own,
    feed,
    history: { memoryMb, size, ttlMs },
    hints: [...hints, ...hintsOfFeeds(feed.kind, environment)],
  };
};

const feedOfPrefix = { SIM_: 'simulated', REPLAY_: 'replay' } as const;

/** Variables of a feed that is not the one. */
const hintsOfFeeds = (kind: FeedConfig['kind'], environment: Environment): readonly string[] =>
  Object.entries(feedOfPrefix).flatMap(([prefix, feed]) =>
    Object.keys(feedVariables)
      .filter((name) => name.startsWith(prefix) && environment[name] && feed !== kind)
      .map((name) => `${name} is set, but it is for FEED=${feed} only`),
  );
