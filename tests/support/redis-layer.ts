import { createRedisLayer, type RedisLayer, type RedisLayerOptions } from '@tickwire/channel-layer';
import { Redis } from 'ioredis';
import { urlFor } from './limited-users.js';

/** A connected layer that reconnects quickly. */
export const openLayer = async (options: RedisLayerOptions): Promise<RedisLayer & AsyncDisposable> => {
  const layer = createRedisLayer({ maxReconnectMs: 50, ...options });
  await layer.connect();
  return { ...layer, [Symbol.asyncDispose]: () => layer.close() };
};

/** A view of a Redis from outside the layer. */
export interface RawRedis extends AsyncDisposable {
  readonly redis: Redis;
  /** Everything that arrived on the channels listened to. */
  readonly heard: readonly { readonly channel: string; readonly payload: Buffer }[];
  listen(channel: string): Promise<void>;
  publish(channel: string, payload: Buffer): Promise<void>;
  /** Number of connections subscribed to it. */
  subscribers(channel: string): Promise<number>;
  /** All channels with a subscriber. */
  channels(): Promise<readonly string[]>;
  /** Number of connections, including the two of this one. */
  clients(): Promise<number>;
  /**
   * Names of the commands that clients send from now on, in lower case; grows. Commands of subscribed clients are
   * missing.
   */
  monitor(): Promise<ReadonlySet<string>>;
  /** Breaks every connection that is subscribed to something. */
  killSubscribers(): Promise<void>;
}

export const openRaw = async (url: string): Promise<RawRedis> => {
  const options = { lazyConnect: true, retryStrategy: () => 20 };
  const redis = new Redis(urlFor('operator', url), options);
  const listener = new Redis(urlFor('operator', url), options);
  const opened = [redis, listener];
  for (const client of opened) {
    client.on('error', () => {});
    await client.connect();
  }
  const heard: { channel: string; payload: Buffer }[] = [];
  listener.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
    heard.push({ channel: channel.toString(), payload });
  });

  return {
    redis,
    heard,
    async listen(channel) {
      await listener.subscribe(channel);
    },
    async publish(channel, payload) {
      await redis.publish(channel, payload);
    },
    async subscribers(channel) {
      const [, count] = (await redis.pubsub('NUMSUB', channel)) as [string, number];
      return count;
    },
    async channels() {
      return (await redis.pubsub('CHANNELS')) as string[];
    },
    async clients() {
      return Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
    },
    async monitor() {
      const commands = new Set<string>();
      const monitor = await redis.monitor();
      opened.push(monitor);
      monitor.on('monitor', (_time: string, [name = '']: string[]) => commands.add(name.toLowerCase()));
      return commands;
    },
    async killSubscribers() {
      await redis.call('client', 'kill', 'type', 'pubsub');
    },
    async [Symbol.asyncDispose]() {
      for (const client of opened) client.disconnect();
    },
  };
};
