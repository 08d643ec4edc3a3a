import {
  type Environment,
  type LogLevel,
  logLevels,
  oneOf,
  operatorToken,
  parseEnvironment,
  wholeNumber,
} from '@tickwire/runtime';
import { z } from 'zod';
import { type FeedConfig, feedConfig, feedVariables } from './feed/feed-config.js';
import type { HistoryPlanOptions } from './publish/history-plan.js';

const schema = z.object({
  ...feedVariables,
  TICKER_MS: wholeNumber(10, 60_000, 100),
  PUBLISH_LOG: z.string().optional(),
  LEASE_MS: wholeNumber(300, 600_000, 3_000),
  MAX_BUFFERED: wholeNumber(100, 10_000_000, 100_000),
  HISTORY_MEMORY_MB: wholeNumber(1, 1_000_000, 384),
  HISTORY_SIZE: wholeNumber(1, 1_000_000, 1).unwrap().optional(),
  HISTORY_TTL_MS: wholeNumber(1_000, 2_592_000_000, 1_000).unwrap().optional(),
  HEALTH_PORT: wholeNumber(0, 65_535, 9_100),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: oneOf(logLevels),
  ADMIN_TOKEN: operatorToken.optional(),
});

export interface ProducerConfig {
  readonly feed: FeedConfig;
  /** At most one ticker of a symbol in this time. */
  readonly tickerMs: number;
  readonly leaseMs: number;
  /** Messages kept while Redis is out of reach. */
  readonly maxBuffered: number;
  readonly history: Pick<HistoryPlanOptions, 'memoryMb' | 'size' | 'ttlMs'>;
  /** Where each message is noted before it is sent, for tests that compare. */
  readonly publishLog?: string;
  /** 0 takes a free one. */
  readonly healthPort: number;
  readonly host: string;
  readonly logLevel: LogLevel;
  /** Signs what is told to operators. */
  readonly adminToken: string | undefined;
}

/** @throws ConfigError */
export const producerConfig = (environment: Environment): ProducerConfig => {
  const env = parseEnvironment(schema, environment);
  return {
    feed: feedConfig(env),
    tickerMs: env.TICKER_MS,
    leaseMs: env.LEASE_MS,
    maxBuffered: env.MAX_BUFFERED,
    history: { memoryMb: env.HISTORY_MEMORY_MB, size: env.HISTORY_SIZE, ttlMs: env.HISTORY_TTL_MS },
    ...(env.PUBLISH_LOG !== undefined && { publishLog: env.PUBLISH_LOG }),
    healthPort: env.HEALTH_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    adminToken: env.ADMIN_TOKEN,
  };
};
