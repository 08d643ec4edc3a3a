import type { RedisCluster } from '../cluster/cluster-shards.js';
import type { RedisHost } from './hosts.js';

/** The forms of REDIS_URL, for messages to the operator. */
export const redisUrlForms =
  'a URL such as redis://user:password@host:6379, rediss://host/database-number, unix:///run/redis.sock, several of them separated by commas, sentinel://host:26379,host:26379/master-name, or cluster://host:6379,host:6379 (sentinel+tls://, cluster+tls:// for TLS); in a password, characters other than letters and digits are written as %40 for @, %25 for %';

/** The Redis of the groups. */
export type RedisPlace =
  /** Several servers share the groups between them as channels_redis' `hosts` do, in this order. */
  { readonly hosts: readonly RedisHost[] } | { readonly cluster: RedisCluster };

/** Parses a REDIS_URL; undefined for anything other than `redisUrlForms`. */
export const parseRedisUrl = (text: string): RedisPlace | undefined => {
  if (/^sentinel(\+tls)?:/.test(text)) {
    const sentinel = parseSentinelUrl(text);
    return sentinel === undefined ? undefined : { hosts: [sentinel] };
  }
  if (/^cluster(\+tls)?:/.test(text)) {
    const cluster = parseClusterUrl(text);
    return cluster === undefined ? undefined : { cluster };
  }
  const urls = text.split(',').map((url) => url.trim());
  return urls.every(isServerUrl) ? { hosts: urls } : undefined;
};

/** Anything else in the place of a database number, or behind a percent sign, would end the process later. */
const isServerUrl = (text: string): boolean => {
  if (!/^(rediss?|unix):\/\//.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password, pathname } = new URL(text);
  const isPlace = protocol === 'unix:' || /^(\/\d*)?$/.test(pathname);
  return isPlace && decoded(username) !== undefined && decoded(password) !== undefined;
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/**
 * `sentinel://[user:password@]host[:port],…/master-name[?db=0&sentinelUsername=…&sentinelPassword=…]`, or
 * `sentinel+tls://…` when Sentinels and master speak TLS. User and password are those of the master. A list of hosts is
 * not a valid URL, so it is parsed here.
 */
const parseSentinelUrl = (text: string): RedisHost | undefined => {
  const match = /^sentinel(\+tls)?:\/\/(?:([^:@/]*):([^@/]*)@)?([^/?@]+)\/([^/?]+)(?:\?(.*))?$/.exec(text);
  const [, tls, username, password, hosts, name, query] = match ?? [];
  const login = credentials(username, password);
  if (hosts === undefined || name === undefined || login === undefined) return undefined;
  const { db, sentinelUsername, sentinelPassword, ...unknown } = Object.fromEntries(new URLSearchParams(query));
  if (Object.keys(unknown).length > 0 || (db !== undefined && !/^\d+$/.test(db))) return undefined;
  return {
    sentinels: hosts.split(',').map(parseAddress),
    name,
    ...login,
    ...(db !== undefined && { db: Number(db) }),
    ...(sentinelUsername && { sentinelUsername }),
    ...(sentinelPassword && { sentinelPassword }),
    ...(tls !== undefined && { tls: {} }),
  };
};

/** `cluster://[user:password@]host[:port],…`, or `cluster+tls://…`: some of the nodes, which name the others. */
const parseClusterUrl = (text: string): RedisCluster | undefined => {
  const match = /^cluster(\+tls)?:\/\/(?:([^:@/]*):([^@/]*)@)?([^@/?]+)\/?$/.exec(text);
  const [, tls, username, password, hosts] = match ?? [];
  const login = credentials(username, password);
  if (hosts === undefined || login === undefined) return undefined;
  const seeds = hosts.split(',').map((seed) => {
    const { host, port = 6_379 } = parseAddress(seed.trim());
    return { host: host.replace(/^\[(.+)\]$/, '$1'), port, isOne: /^(\[[\da-f:]+\]|[^:\s[\]]+)$/i.test(host) };
  });
  if (!seeds.every(({ port, isOne }) => isOne && port >= 1 && port <= 65_535)) return undefined;
  return {
    seeds: seeds.map(({ host, port }) => ({ host, port })),
    ...login,
    ...(tls !== undefined && { tls: {} }),
  };
};

const parseAddress = (text: string): { readonly host: string; readonly port?: number } => {
  const [, host, port] = /^(.+?)(?::(\d+))?$/.exec(text) ?? [];
  return { host: host ?? text, ...(port !== undefined && { port: Number(port) }) };
};

const credentials = (
  username = '',
  password = '',
): { readonly username?: string; readonly password?: string } | undefined => {
  const [user, secret] = [decoded(username), decoded(password)];
  if (user === undefined || secret === undefined) return undefined;
  return { ...(user && { username: user }), ...(secret && { password: secret }) };
};
