import { randomUUID } from 'node:crypto';
import {
  createMessageCodec,
  createRedisHistory,
  createScriptClient,
  type Message,
  type RedisHistoryOptions,
  type ScriptClient,
} from '@tickwire/channel-layer';
import type { HistoryHarness } from '@tickwire/channel-layer/testing';
import { type Cluster, Redis } from 'ioredis';
import { type Login, operatorLogin, processLogin } from './limited-users.js';

/** A client that reports at once when Redis is down, and reconnects quickly. It may do everything by default. */
export const connectRedis = async (port: number, login: Login = operatorLogin): Promise<Redis> => {
  const redis = new Redis({
    ...login,
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => 20,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => {});
  await redis.connect();
  return redis;
};

export const scriptClientOf = (redis: Redis | Cluster): ScriptClient =>
  createScriptClient({
    call: (_address, command, args) => redis.callBuffer(command, [...args]),
    // In a cluster each group needs its own call.
    ...(redis.isCluster && { partOf: (address: string) => address }),
  });

/** Lets time pass for these keys alone: each expires that much sooner, so no test has to race a short life. */
export const ageKeys = async (redis: Redis, pattern: string, ms: number): Promise<void> => {
  for (const key of await redis.keys(pattern)) {
    const leftMs = await redis.pttl(key);
    if (leftMs > ms) await redis.pexpire(key, leftMs - ms);
    else if (leftMs >= 0) await redis.del(key);
  }
};

export interface RedisHistoryHarness extends HistoryHarness {
  readonly redis: Redis;
  readonly prefix: string;
  readonly layerPrefix: string;
  /** The payloads on the group's Redis channel from now on; the list grows. */
  heardBytes(group: string): Promise<Buffer[]>;
}

/** A Redis history with names of its own, so that many tests share one server. */
export const openRedisHistory = async (
  port: number,
  options: Partial<RedisHistoryOptions> = {},
  login: Login = operatorLogin,
): Promise<RedisHistoryHarness> => {
  const { prefix = `history-${randomUUID()}`, layerPrefix = `layer-${randomUUID()}` } = options;
  const codec = createMessageCodec();
  const redis = await connectRedis(port, login);
  const subscriber = await connectRedis(port, login);
  const { client: given } = options;
  const own = given === undefined ? await connectRedis(port, processLogin) : undefined;
  const close = async (): Promise<void> => {
    own?.disconnect();
    redis.disconnect();
    subscriber.disconnect();
  };

  const listeners = new Map<string, ((bytes: Buffer) => void)[]>();
  subscriber.on('messageBuffer', (channel: Buffer, bytes: Buffer) => {
    for (const listener of listeners.get(channel.toString()) ?? []) listener(bytes);
  });
  const listenBytes = async (group: string, listener: (bytes: Buffer) => void): Promise<void> => {
    const channel = `${layerPrefix}__group__${group}`;
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    await subscriber.subscribe(channel);
  };

  try {
    const client = given ?? scriptClientOf(own as Redis);
    return {
      history: createRedisHistory({ codec, ...options, client, prefix, layerPrefix }),
      redis,
      prefix,
      layerPrefix,
      listen: (group, listener: (message: Message) => void) =>
        listenBytes(group, (bytes) => listener((options.codec ?? codec).decode(bytes))),
      async heardBytes(group) {
        const heard: Buffer[] = [];
        await listenBytes(group, (bytes) => heard.push(Buffer.from(bytes)));
        return heard;
      },
      async settled() {
        await subscriber.ping();
      },
      async expireMessages() {
        const streams = await redis.keys(`${prefix}:history:*`);
        if (streams.length > 0) await redis.del(streams);
      },
      elapse: (ms) => ageKeys(redis, `${prefix}:*`, ms),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
