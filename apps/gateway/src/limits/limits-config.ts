import { type ConfigOf, wholeNumber, wordList } from '@tickwire/runtime';
import { isHostPattern, isOriginPattern } from '../access/origins.js';

const origins = wordList(isOriginPattern, 'origins separated by commas, as https://app.example.com or .example.com');
const hosts = wordList(isHostPattern, 'host names separated by commas, as example.com or .example.com');

/** Variables that decide how many may come in, from where, and how much each may ask. */
export const limitsVariables = {
  /** Of pages that may connect; those of this host and of this machine without it. */
  ALLOWED_ORIGINS: origins.optional(),
  /** Names that this server is asked for by; any without it. */
  ALLOWED_HOSTS: hosts.optional(),
  /** Of pages that may read the API; only ours without it. */
  CORS_ORIGINS: origins.optional(),
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  TRUST_PROXY: wholeNumber(0, 8, 0),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000, 50_000),
  /** 0 for no limit. */
  MAX_CONNECTIONS_PER_IP: wholeNumber(0, 1_000_000, 1_000),
  CONNECTS_PER_SECOND: wholeNumber(1, 1_000_000, 1_000),
  /** Of one session. */
  COMMANDS_PER_SECOND: wholeNumber(1, 1_000_000, 100),
  /** How long a request may take to arrive. */
  HANDSHAKE_MS: wholeNumber(100, 120_000, 10_000),
  /** How long a client of the Centrifuge protocol may take to send its connect. */
  CONNECT_MS: wholeNumber(100, 120_000, 10_000),
  MAX_LOOP_LAG_MS: wholeNumber(5, 60_000, 200),
  /** 0 takes 85 % of what the process may have. */
  MAX_RSS_MB: wholeNumber(0, 1_048_576, 0),
  /** From which age of the newest tick on the gateway is not ready; 0 for never. */
  MAX_TICK_AGE_MS: wholeNumber(0, 86_400_000, 0),
} as const;

export type LimitsConfig = ConfigOf<typeof limitsVariables>;
