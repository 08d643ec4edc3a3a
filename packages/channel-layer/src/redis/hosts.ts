import type { ConnectionOptions } from 'node:tls';

/**
 * One server: `redis://user:password@host:6379/0`, `rediss://…` for TLS, `unix:///run/redis.sock?db=1`; or the master
 * that Sentinels name. Pub/sub ignores the database number: only the layer's prefix separates two applications.
 */
export type RedisHost = string | RedisUrlHost | RedisSentinelHost;

export interface RedisUrlHost {
  readonly url: string;
  /** For `rediss://` with a private certificate authority. */
  readonly tls?: ConnectionOptions;
}

/** Passed to ioredis unchanged, so that its further Sentinel options can be given too. */
export interface RedisSentinelHost {
  readonly sentinels: readonly { readonly host: string; readonly port?: number }[];
  /** The Sentinels' name for the master: `master_name` of channels_redis. */
  readonly name: string;
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** Sentinels and master speak TLS: `{}` for default TLS settings. */
  readonly tls?: ConnectionOptions;
}

/** A host prepared for the adapter. */
export interface RedisTarget {
  /** Names the server in errors and events; never holds a password. */
  readonly label: string;
  readonly url?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const schemes = new Set(['redis:', 'rediss:', 'unix:']);

/** @throws RangeError that describes a valid host; it does not repeat passwords. */
export const parseRedisHost = (host: RedisHost): RedisTarget => {
  if (typeof host === 'string') return parseUrl(host, {});
  if ('url' in host) return parseUrl(host.url, host.tls === undefined ? {} : { tls: host.tls });
  if (!Array.isArray(host?.sentinels) || host.sentinels.length === 0 || !host.name) {
    throw new RangeError('a Redis host behind Sentinels needs sentinels: [{ host, port }] and the name of the master');
  }
  const sentinels = host.sentinels.map((sentinel) => ({ ...sentinel, port: sentinel.port ?? 26_379 }));
  const label = `master ${host.name} of Sentinels ${sentinels.map((each) => `${each.host}:${each.port}`).join(', ')}`;
  // Without the flag ioredis would use TLS for neither.
  const tls = host.tls === undefined ? {} : { sentinelTLS: host.tls, enableTLSForSentinelMode: true };
  return { label, options: { ...host, sentinels, ...tls } };
};

const parseUrl = (text: string, options: Readonly<Record<string, unknown>>): RedisTarget => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !schemes.has(url.protocol)) {
    throw new RangeError('a Redis host is a redis://, rediss:// or unix:// URL, or { sentinels, name }');
  }
  // ioredis expects a bare path, with the part behind the question mark as options.
  if (url.protocol === 'unix:') return { label: url.pathname, url: `${url.pathname}${url.search}`, options };
  return { label: `${url.hostname || 'localhost'}:${url.port || 6379}`, url: text, options };
};
