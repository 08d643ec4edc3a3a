import type { RedisHost } from '@tickwire/channel-layer';

/** What REDIS_URL may be, for messages to the operator. */
export const redisUrlForms =
  'a URL such as redis://user:password@host:6379, rediss://host, unix:///run/redis.sock, several of them separated by commas, or sentinel://host:26379,host:26379/master-name';

/**
 * The hosts a REDIS_URL names; several share the groups between them as channels_redis' `hosts` do, in this order.
 * Undefined for anything else.
 */
export const parseRedisUrl = (text: string): readonly RedisHost[] | undefined => {
  if (text.startsWith('sentinel://')) {
    const sentinel = parseSentinelUrl(text);
    return sentinel === undefined ? undefined : [sentinel];
  }
  const urls = text.split(',').map((url) => url.trim());
  return urls.every((url) => /^(rediss?|unix):\/\//.test(url) && URL.canParse(url)) ? urls : undefined;
};

/** `sentinel://[user:password@]host[:port],…/master-name[?db=0]`: a list of hosts is no URL, so it is taken apart here. */
const parseSentinelUrl = (text: string): RedisHost | undefined => {
  const match = /^sentinel:\/\/(?:([^:@/]*):([^@/]*)@)?([^/?]+)\/([^/?]+)(?:\?db=(\d+))?$/.exec(text);
  const [, username, password, hosts, name, db] = match ?? [];
  if (hosts === undefined || name === undefined) return undefined;
  const sentinels = hosts.split(',').map((host) => {
    const [, address, port] = /^(.+?)(?::(\d+))?$/.exec(host) ?? [];
    return { host: address ?? host, ...(port !== undefined && { port: Number(port) }) };
  });
  return {
    sentinels,
    name,
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(db !== undefined && { db: Number(db) }),
  };
};
