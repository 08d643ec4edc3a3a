import { wholeNumber, wordList } from '@tickwire/runtime';
import type { z } from 'zod';
import { isHostPattern, isOriginPattern } from '../access/origins.js';

const origins = wordList(isOriginPattern, 'origins separated by commas, as https://app.example.com or .example.com');
const hosts = wordList(isHostPattern, 'host names separated by commas, as example.com or .example.com');

/** Variables that decide how many may come in, from where, and how much each may ask. */
export const limitsVariables = {
  ALLOWED_ORIGINS: origins.optional(),
  ALLOWED_HOSTS: hosts.optional(),
  CORS_ORIGINS: origins.optional(),
  TRUST_PROXY: wholeNumber(0, 8, 0),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000, 50_000),
  MAX_CONNECTIONS_PER_IP: wholeNumber(0, 1_000_000, 1_000),
  CONNECTS_PER_SECOND: wholeNumber(1, 1_000_000, 1_000),
  COMMANDS_PER_SECOND: wholeNumber(1, 1_000_000, 100),
  HANDSHAKE_MS: wholeNumber(100, 120_000, 10_000),
  CONNECT_MS: wholeNumber(100, 120_000, 10_000),
  MAX_LOOP_LAG_MS: wholeNumber(5, 60_000, 200),
  MAX_RSS_MB: wholeNumber(0, 1_048_576, 0),
  MAX_TICK_AGE_MS: wholeNumber(0, 86_400_000, 0),
} as const;

type Variables = z.infer<z.ZodObject<typeof limitsVariables>>;

export interface LimitsConfig {
  /** Of pages that may connect; undefined for those of this host and of this machine. */
  readonly allowedOrigins: readonly string[] | undefined;
  /** Names that this server is asked for by; undefined for any. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Of pages that may read the API; undefined for none but ours. */
  readonly corsOrigins: readonly string[] | undefined;
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  readonly trustProxy: number;
  readonly maxConnections: number;
  /** 0 for no limit. */
  readonly maxConnectionsPerIp: number;
  readonly connectsPerSecond: number;
  /** Of one session. */
  readonly commandsPerSecond: number;
  /** How long a request may take to arrive. */
  readonly handshakeMs: number;
  /** How long a client of the Centrifuge protocol may take to send its connect. */
  readonly connectMs: number;
  readonly maxLoopLagMs: number;
  /** 0 takes 85 % of what the process may have. */
  readonly maxRssMb: number;
  /** From which age of the newest tick on the gateway is not ready; 0 for never. */
  readonly maxTickAgeMs: number;
}

export const limitsConfig = (env: Variables): LimitsConfig => ({
  allowedOrigins: env.ALLOWED_ORIGINS,
  allowedHosts: env.ALLOWED_HOSTS,
  corsOrigins: env.CORS_ORIGINS,
  trustProxy: env.TRUST_PROXY,
  maxConnections: env.MAX_CONNECTIONS,
  maxConnectionsPerIp: env.MAX_CONNECTIONS_PER_IP,
  connectsPerSecond: env.CONNECTS_PER_SECOND,
  commandsPerSecond: env.COMMANDS_PER_SECOND,
  handshakeMs: env.HANDSHAKE_MS,
  connectMs: env.CONNECT_MS,
  maxLoopLagMs: env.MAX_LOOP_LAG_MS,
  maxRssMb: env.MAX_RSS_MB,
  maxTickAgeMs: env.MAX_TICK_AGE_MS,
});
