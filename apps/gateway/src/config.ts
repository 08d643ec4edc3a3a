import { isVenue } from '@tickwire/protocol';
import {
  ConfigError,
  type Environment,
  type LogLevel,
  logLevels,
  oneOf,
  operatorToken,
  parseEnvironment,
  wholeNumber,
} from '@tickwire/runtime';
import { z } from 'zod';
import { type AccessConfig, accessConfig, accessVariables } from './access/access-config.js';
import { type LimitsConfig, limitsConfig, limitsVariables } from './limits/limits-config.js';

const schema = z.object({
  PORT: wholeNumber(0, 65_535, 8_000),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: oneOf(logLevels),
  COMPRESSION: oneOf(['off', 'on']),
  MAX_OUTBOX_BYTES: wholeNumber(16_384, 268_435_456, 1_048_576),
  SLOW_DEADLINE_MS: wholeNumber(1_000, 600_000, 30_000),
  MAX_STALE_MS: wholeNumber(0, 600_000, 2_000),
  MIN_PASS_MS: wholeNumber(0, 1_000, 0),
  GROUP_LINGER_MS: wholeNumber(0, 600_000, 5_000),
  PROBE_MS: wholeNumber(100, 10_000, 10_000),
  MAX_CHANNELS: wholeNumber(1, 10_000, 1_024),
  MAX_PAYLOAD_BYTES: wholeNumber(128, 16_777_216, 65_536),
  PING_MS: wholeNumber(100, 600_000, 25_000),
  DRAIN_MS: wholeNumber(0, 600_000, 10_000),
  BINANCE_VENUE: z.string().refine(isVenue, { error: 'the lower-case name of a venue' }).optional(),
  BINANCE_PING_MS: wholeNumber(100, 600_000, 20_000),
  GATEWAY_NAME: z
    .string()
    .regex(/^[\w.-]{1,64}$/, { error: '1 to 64 letters, digits, "_", "." or "-"' })
    .optional(),
  ...accessVariables,
  ADMIN_TOKEN: operatorToken.optional(),
  ADMIN_PORT: wholeNumber(0, 65_535, 0),
  METRICS_PORT: wholeNumber(0, 65_535, 0),
  ...limitsVariables,
  API_KEY: z.string().min(16, { error: 'at least 16 characters' }).optional(),
});

export interface GatewayConfig {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly logLevel: LogLevel;
  /** Offer permessage-deflate to clients. */
  readonly compression: boolean;
  readonly maxOutboxBytes: number;
  readonly slowDeadlineMs: number;
  /** How old what waits for a client, or is on its way to it, may become. 0: any age. */
  readonly maxStaleMs: number;
  readonly minPassMs: number;
  readonly groupLingerMs: number;
  readonly probeMs: number;
  /** Channels one session may follow. */
  readonly maxChannels: number;
  /** Of one message from a client. */
  readonly maxPayloadBytes: number;
  readonly pingMs: number;
  /** Over how long clients are asked to leave before a shutdown. */
  readonly drainMs: number;
  /** Whose symbols the Binance streams and `/api/v3` speak of; undefined takes the first venue of the catalog. */
  readonly binanceVenue: string | undefined;
  /** Between the pings to a client of the Binance streams; three without answer end it. */
  readonly binancePingMs: number;
  readonly access: AccessConfig;
  /** Opens `/admin` to who has it; without it there is none. */
  readonly adminToken: string | undefined;
  /** Where `/admin` is served; undefined for the port of the clients. 0 takes a free one. */
  readonly adminPort: number | undefined;
  /** Where `/metrics` is served; undefined for the port of the clients. 0 takes a free one. */
  readonly metricsPort: number | undefined;
  readonly limits: LimitsConfig;
  /** Lets `POST /api/publish` publish; without it nobody may. */
  readonly apiKey: string | undefined;
  /** Told to clients of the Centrifuge protocol; undefined takes one by chance. */
  readonly name: string | undefined;
}

/** @throws ConfigError */
export const gatewayConfig = (environment: Environment): GatewayConfig => {
  const env = parseEnvironment(schema, environment);
  if (environment['ADMIN_PORT'] && env.ADMIN_TOKEN === undefined) {
    throw new ConfigError('ADMIN_PORT is set, but ADMIN_TOKEN is not: without it nothing is served there');
  }
  return {
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    compression: env.COMPRESSION === 'on',
    maxOutboxBytes: env.MAX_OUTBOX_BYTES,
    slowDeadlineMs: env.SLOW_DEADLINE_MS,
    maxStaleMs: env.MAX_STALE_MS,
    minPassMs: env.MIN_PASS_MS,
    groupLingerMs: env.GROUP_LINGER_MS,
    probeMs: env.PROBE_MS,
    maxChannels: env.MAX_CHANNELS,
    maxPayloadBytes: env.MAX_PAYLOAD_BYTES,
    pingMs: env.PING_MS,
    drainMs: env.DRAIN_MS,
    binanceVenue: env.BINANCE_VENUE,
    binancePingMs: env.BINANCE_PING_MS,
    access: accessConfig(env),
    adminToken: env.ADMIN_TOKEN,
    adminPort: environment['ADMIN_PORT'] ? env.ADMIN_PORT : undefined,
    metricsPort: environment['METRICS_PORT'] ? env.METRICS_PORT : undefined,
    limits: limitsConfig(env),
    apiKey: env.API_KEY,
    name: env.GATEWAY_NAME,
  };
};
