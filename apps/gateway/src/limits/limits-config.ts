import { type ConfigOf, wholeNumber, wordList } from '@tickwire/runtime';
import { isHostPattern, isOriginPattern } from '../access/origins.js';

const origins = wordList(isOriginPattern, 'origins separated by commas, as https://app.example.com or .example.com');
const hosts = wordList(isHostPattern, 'host names separated by commas, as example.com or .example.com');

/** Variables that limit how many may connect, from where, and how much each may request. */
export const limitsVariables = {
  /** Origins of pages that may connect; undefined: those of this host and this machine. */
  ALLOWED_ORIGINS: origins.optional(),
  /** Host names accepted in requests; undefined: any. */
  ALLOWED_HOSTS: hosts.optional(),
  /** Origins of pages that may read the API; undefined: only our own. */
  CORS_ORIGINS: origins.optional(),
  /** Number of proxies in front whose `X-Forwarded-For` is trusted. */
  TRUST_PROXY: wholeNumber(0, 8, 0),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000, 50_000),
  /** 0: no limit. */
  MAX_CONNECTIONS_PER_IP: wholeNumber(0, 1_000_000, 1_000),
  CONNECTS_PER_SECOND: wholeNumber(1, 1_000_000, 1_000),
  /** Per session. */
  COMMANDS_PER_SECOND: wholeNumber(1, 1_000_000, 100),
  /** How long a request may take to arrive. */
  HANDSHAKE_MS: wholeNumber(100, 120_000, 10_000),
  /** How long a client of the Centrifuge protocol may take to send its connect. */
  CONNECT_MS: wholeNumber(100, 120_000, 10_000),
  MAX_LOOP_LAG_MS: wholeNumber(5, 60_000, 200),
  /** 0: 85 % of the memory available to the process. */
  MAX_RSS_MB: wholeNumber(0, 1_048_576, 0),
  /** The gateway is not ready when the newest tick is older; 0: never. */
  MAX_TICK_AGE_MS: wholeNumber(0, 86_400_000, 0),
} as const;

export type LimitsConfig = ConfigOf<typeof limitsVariables>;
