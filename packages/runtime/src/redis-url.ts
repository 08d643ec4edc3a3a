import type { RedisCluster, RedisHost } from '@tickwire/channel-layer';

/** The forms of REDIS_URL, for messages to the operator. */
export const redisUrlForms =
  'a URL such as redis://user:password@host:6379, rediss://host, unix:///run/redis.sock, several of them separated by commas, sentinel://host:26379,host:26379/master-name, or cluster://host:6379,host:6379 (sentinel+tls://, cluster+tls:// for TLS)';

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
  return urls.every((url) => /^(rediss?|unix):\/\//.test(url) && URL.canParse(url)) ? { hosts: urls } : undefined;
};

/**
 * `sentinel://[user:password@]host[:port],…/master-name[?db=0&sentinelUsername=…&sentinelPassword=…]`, or
 * `sentinel+tls://…` when Sentinels and master speak TLS. User and password are those of the master. A list of hosts is
 * not a valid URL, so it is parsed here.
 */
const parseSentinelUrl = (text: string): RedisHost | undefined => {
  const match = /^sentinel(\+tls)?:\/\/(?:([^:@/]*):([^@/]*)@)?([^/?@]+)\/([^/?]+)(?:\?(.*))?$/.exec(text);
  const [, tls, username, password, hosts, name, query] = match ?? [];
  if (hosts === undefined || name === undefined) return undefined;
  const { db, sentinelUsername, sentinelPassword, ...unknown } = Object.fromEntries(new URLSearchParams(query));
  if (Object.keys(unknown).length > 0 || (db !== undefined && !/^\d+$/.test(db))) return undefined;
  return {
    sentinels: hosts.split(',').map(parseAddress),
    name,
    ...credentials(username, password),
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
  if (hosts === undefined) return undefined;
  const seeds = hosts.split(',').map((seed) => {
    const { host, port = 6_379 } = parseAddress(seed.trim());
    return { host: host.replace(/^\[(.+)\]$/, '$1'), port, isOne: /^(\[[\da-f:]+\]|[^:\s[\]]+)$/i.test(host) };
  });
  if (!seeds.every(({ port, isOne }) => isOne && port >= 1 && port <= 65_535)) return undefined;
  return {
    seeds: seeds.map(({ host, port }) => ({ host, port })),
    ...credentials(username, password),
    ...(tls !== undefined && { tls: {} }),
  };
};

const parseAddress = (text: string): { readonly host: string; readonly port?: number } => {
  const [, host, port] = /^(.+?)(?::(\d+))?$/.exec(text) ?? [];
  return { host: host ?? text, ...(port !== undefined && { port: Number(port) }) };
};

const credentials = (username?: string, password?: string): { username?: string; password?: string } => ({
  ...(username && { username: decodeURIComponent(username) }),
  ...(password && { password: decodeURIComponent(password) }),
});
