import { crc32 } from 'node:zlib';
import { openConnection, type RedisConnection } from './connection.js';
import { parseRedisHost, type RedisHost } from './hosts.js';
import { type BackoffOptions, createBackoff, createLink } from './link.js';
import { createSubscriber } from './subscriber.js';

/**
 * What the layer needs from the Redis behind it, one server or several. An address is a full Redis channel name; its
 * server is chosen here.
 */
export interface RedisShards {
  /** Group names are hash-tagged, as in a cluster. @default false */
  readonly hashTags?: boolean;
  /** Rejects with LayerUnavailable, and leaves nothing open, unless all servers can be used. */
  connect(): Promise<void>;
  /** Resolves when the server has received it. @throws LayerUnavailable, at once while the server is unreachable. */
  publish(address: string, payload: Uint8Array): Promise<void>;
  /** Resolves when the server has acknowledged. @throws LayerUnavailable, at once while the server is unreachable. */
  subscribe(address: string): Promise<void>;
  /** Resolves when the server holds no trace of the subscription. Never rejects because a server is unreachable. */
  unsubscribe(address: string): Promise<void>;
  /** Any command, on the server of the address, in order with publications. Strings in the reply are Buffers. */
  call(address: string, command: string, args: readonly (string | number | Buffer)[]): Promise<unknown>;
  /**
   * A command that only reads, over a separate connection: an answer of any length delays neither publishing nor PING.
   */
  read: RedisShards['call'];
  /** One script may serve addresses of one part. */
  partOf(address: string): number;
  close(): Promise<void>;
}

export interface ShardsObserver {
  /** Called once per message, on the hot path. The payload may be a view of a larger buffer. */
  readonly onMessage: (address: string, payload: Uint8Array) => void;
  readonly onLost: (addresses: readonly string[], reason: string) => void;
  readonly onRestored: (addresses: readonly string[], downMs: number) => void;
}

/** The settings of every connection, from the layer's options. */
export interface ShardsSettings {
  readonly pingMs: number;
  readonly connectMs: number;
  readonly maxPending: number;
  readonly backoff: BackoffOptions;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface RedisShardsOptions extends ShardsSettings {
  /** Order matters: channels_redis processes must list the same hosts in the same order. */
  readonly hosts: readonly RedisHost[];
}

interface Shard {
  start(): Promise<void>;
  publisher(): RedisConnection;
  reader(): RedisConnection;
  subscribe(address: string): Promise<void>;
  unsubscribe(address: string): Promise<void>;
  close(): Promise<void>;
}

/** Standalone servers and Sentinel masters: an address is on the one that channels_redis' ring gives. */
export const createRedisShards = (options: RedisShardsOptions, observer: ShardsObserver): RedisShards => {
  const { hosts } = options;
  if (!Array.isArray(hosts) || hosts.length === 0) throw new RangeError('hosts must list at least one Redis');
  const shards = hosts.map((host) => createShard(host, options, observer));
  const partOf = (address: string): number => shardIndex(address, shards.length);
  const shardOf = (address: string): Shard => shards[partOf(address)] as Shard;
  const close = async (): Promise<void> => {
    await Promise.all(shards.map((shard) => shard.close()));
  };

  return {
    async connect() {
      try {
        await Promise.all(shards.map((shard) => shard.start()));
      } catch (error) {
        await close();
        throw error;
      }
    },
    // Async, so that an unreachable server rejects rather than throws.
    publish: async (address, payload) => shardOf(address).publisher().publish(address, payload),
    subscribe: (address) => shardOf(address).subscribe(address),
    unsubscribe: (address) => shardOf(address).unsubscribe(address),
    call: async (address, command, args) => shardOf(address).publisher().call(command, args),
    read: async (address, command, args) => shardOf(address).reader().call(command, args),
    partOf,
    close,
  };
};

/**
 * Three connections: if the server cuts off a slow subscriber, publishing must continue, and reads must not delay
 * publishing.
 */
const createShard = (host: RedisHost, options: RedisShardsOptions, observer: ShardsObserver): Shard => {
  const { pingMs, connectMs, maxPending, now } = options;
  const target = parseRedisHost(host);
  const delayMs = createBackoff(options.backoff);
  const connection = { target, pingMs, connectMs, maxPending };
  const shared = { label: target.label, delayMs, now };
  const subscriber = createSubscriber({
    ...shared,
    open: (events, signal) => openConnection({ ...connection, signal }, events),
    // The layer subscribes only to ASCII names, and latin1 is the cheapest decoding.
    onMessage: (address, payload) => observer.onMessage(address.toString('latin1'), payload),
    onLost: observer.onLost,
    onRestored: observer.onRestored,
  });
  const publisher = createLink({
    ...shared,
    open: (events, signal) =>
      openConnection({ ...connection, signal, mustWrite: true }, { ...events, onWrongServer: leaveServer }),
    ...unheard,
  });
  const reader = createLink({
    ...shared,
    open: (events, signal) => openConnection({ ...connection, signal }, { ...events, onWrongServer: leaveServer }),
    ...unheard,
  });
  const leaveServer = (reason: string): void => {
    for (const link of [subscriber, publisher, reader]) link.drop(reason);
  };

  return {
    async start() {
      await Promise.all([subscriber.start(), publisher.start(), reader.start()]);
    },
    publisher: publisher.current,
    reader: reader.current,
    subscribe: subscriber.subscribe,
    unsubscribe: subscriber.unsubscribe,
    async close() {
      await Promise.all([subscriber.close(), publisher.close(), reader.close()]);
    },
  };
};

/** For a connection whose end matters only to pending commands. */
const unheard = { onMessage: () => {}, prepare: async () => {}, onDown: () => {}, onUp: () => {} };

/**
 * The server, of `count`, that an address is on, as in channels_redis' `consistent_hash`: CRC-32 of its UTF-8 bytes,
 * the low 12 bits divided into equal parts. The pub/sub layer hashes the full Redis channel name. Another `count` moves
 * most addresses.
 */
export const shardIndex = (address: string, count: number): number =>
  count === 1 ? 0 : Math.floor((crc32(address) & 0xfff) / (4096 / count));
