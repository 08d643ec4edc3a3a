import { isSymbol } from '@tickwire/protocol';
import {
  ConfigError,
  decimalNumber,
  type Environment,
  type LogLevel,
  logLevels,
  oneOf,
  parseEnvironment,
  wholeNumber,
  wordList,
} from '@tickwire/runtime';
import { z } from 'zod';

const replaySpeed = 'max, or a number from 0.001 to 1000 (1 is real time)';

const schema = z.object({
  FEED: oneOf(['simulated', 'replay']),
  SYMBOLS: wordList(isSymbol, 'symbols such as BTC-USD,ETH-USD').default([]),
  SIM_SEED: z.string().max(100, { error: 'at most 100 characters' }).default('tickwire'),
  SIM_RATE: decimalNumber(0.001, 10_000, 5),
  SIM_BEGAN_MS: wholeNumber(0, Number.MAX_SAFE_INTEGER, 0),
  REPLAY_FILE: z.string().optional(),
  REPLAY_SPEED: z
    .string()
    .refine((text) => text === 'max' || (Number(text) >= 0.001 && Number(text) <= 1000), { error: replaySpeed })
    .transform((text) => (text === 'max' ? text : Number(text)))
    .default(1),
  REPLAY_TIMES: oneOf(['original', 'now']),
  TICKER_MS: wholeNumber(10, 60_000, 100),
  PUBLISH_LOG: z.string().optional(),
  LEASE_MS: wholeNumber(300, 600_000, 3_000),
  MAX_BUFFERED: wholeNumber(100, 10_000_000, 100_000),
  HEALTH_PORT: wholeNumber(0, 65_535, 9_100),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: oneOf(logLevels),
});

export type FeedConfig =
  | {
      readonly kind: 'simulated';
      readonly symbols: readonly string[];
      readonly seed: string;
      /** Mean trades per second and symbol. */
      readonly tradesPerSecond: number;
      /** When the markets began, milliseconds since 1970, up to an hour ago; at the start of this process without it. */
      readonly beganMs?: number;
    }
  | {
      readonly kind: 'replay';
      readonly file: string;
      readonly speed: number | 'max';
      /** Only these; all that the recording holds when empty. */
      readonly symbols: readonly string[];
      /** Moves the recording's times so that it begins now. */
      readonly shiftToNow: boolean;
    };

export interface ProducerConfig {
  readonly feed: FeedConfig;
  /** At most one ticker of a symbol in this time. */
  readonly tickerMs: number;
  readonly leaseMs: number;
  /** Messages kept while Redis is out of reach. */
  readonly maxBuffered: number;
  /** Where each message is noted before it is sent, for tests that compare. */
  readonly publishLog?: string;
  /** 0 takes a free one. */
  readonly healthPort: number;
  readonly host: string;
  readonly logLevel: LogLevel;
}

const defaultSymbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD', 'DOGE-USD', 'ADA-USD'];

/** @throws ConfigError */
export const producerConfig = (environment: Environment): ProducerConfig => {
  const env = parseEnvironment(schema, environment);
  const feed = (): FeedConfig => {
    if (env.FEED === 'simulated') {
      const symbols = env.SYMBOLS.length > 0 ? env.SYMBOLS : defaultSymbols;
      return {
        kind: 'simulated',
        symbols: [...new Set(symbols)],
        seed: env.SIM_SEED,
        tradesPerSecond: env.SIM_RATE,
        ...(env.SIM_BEGAN_MS > 0 && { beganMs: env.SIM_BEGAN_MS }),
      };
    }
    if (env.REPLAY_FILE === undefined)
      throw new ConfigError('REPLAY_FILE is not set, but FEED=replay needs a recording');
    return {
      kind: 'replay',
      file: env.REPLAY_FILE,
      speed: env.REPLAY_SPEED,
      symbols: env.SYMBOLS,
      shiftToNow: env.REPLAY_TIMES === 'now',
    };
  };
  return {
    feed: feed(),
    tickerMs: env.TICKER_MS,
    leaseMs: env.LEASE_MS,
    maxBuffered: env.MAX_BUFFERED,
    ...(env.PUBLISH_LOG !== undefined && { publishLog: env.PUBLISH_LOG }),
    healthPort: env.HEALTH_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
  };
};
