import { randomUUID } from 'node:crypto';
import { createMessageCodec, type MessageCodecOptions } from '../codec/codec.js';
import { ChannelReleased, LayerClosed } from '../errors.js';
import { createLayerEvents } from '../events.js';
import type { Message } from '../layer.js';
import { type CapacityOptions, createCapacityOf } from '../mailbox/capacity.js';
import { createMailbox, type Mailbox } from '../mailbox/mailbox.js';
import type { ChannelLayer } from '../mailbox/mailboxes.js';
import { assertChannelName, assertGroupName, groupAddress } from '../names.js';
import type { RedisHost } from './hosts.js';
import { createLocalTraffic } from './local-traffic.js';
import { createReferences } from './references.js';
import { createRedisShards, type RedisShards, type ShardsObserver, type ShardsSettings } from './shards.js';

/** Every member beside those of `ChannelLayer` exists because there is a server. */
export interface RedisLayer extends ChannelLayer {
  /**
   * Opens the connections; nothing else works before. Rejects with LayerUnavailable, in one sentence, when a server
   * rejects or does not answer; the layer is closed then. Later losses are events, and are repaired.
   */
  connect(): Promise<void>;
  /**
   * Runs a command on the server that holds the address (a full Redis channel name), in order with what is published
   * there. Strings in the reply are Buffers; an error reply rejects as it is. @throws LayerUnavailable
   */
  readonly call: RedisShards['call'];
  /** The same for a command that only reads, over a connection of its own. */
  readonly read: RedisShards['read'];
  /** Addresses of one part lie on one server, and in a cluster in one slot. */
  readonly partOf: RedisShards['partOf'];
}

export interface RedisLayerOptions extends CapacityOptions, MessageCodecOptions {
  /** As `hosts` of channels_redis, in the same order in every process. @default ['redis://localhost:6379'] */
  readonly hosts?: readonly RedisHost[];
  /** As `prefix` of channels_redis. Only this keeps applications on one Redis apart. @default 'asgi' */
  readonly prefix?: string;
  /** How long an unread message is kept. @default 60_000 */
  readonly expiryMs?: number;
  /** How long a membership lasts without a new `groupAdd`. @default 86_400_000 */
  readonly groupExpiryMs?: number;
  /** How often a connection is asked for a sign of life; a dead one is noticed within twice that. @default 5_000 */
  readonly pingMs?: number;
  /** How long opening a connection may take. @default 5_000 */
  readonly connectMs?: number;
  /** Commands that may wait for a reply, per connection; further ones fail with LayerUnavailable. @default 10_000 */
  readonly maxPending?: number;
  /** Longest pause between two attempts to reconnect. @default 500 */
  readonly maxReconnectMs?: number;
  /** How often further drops and poison messages of an address are reported. @default 1_000 */
  readonly eventIntervalMs?: number;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** For the pauses between attempts. @default Math.random */
  readonly random?: () => number;
  /** 32 characters that nobody else has. @default a random UUID without its hyphens */
  readonly newId?: () => string;
  /** Another kind of Redis than standalone servers and Sentinel masters. @default one made from `hosts` */
  readonly newShards?: (observer: ShardsObserver, settings: ShardsSettings) => RedisShards;
}

/**
 * channels_redis' RedisPubSubChannelLayer, byte for byte: a group is the Redis channel `<prefix>__group__<group>`, a
 * message the bare output of the serializer. `send` cannot know whether anybody listens or has room, and an agreed
 * channel that two processes receive from reaches both.
 */
export const createRedisLayer = (options: RedisLayerOptions = {}): RedisLayer => {
  const {
    hosts = ['redis://localhost:6379'],
    prefix = 'asgi',
    capacity = 100,
    expiryMs = 60_000,
    groupExpiryMs = 86_400_000,
    pingMs = 5_000,
    connectMs = 5_000,
    maxPending = 10_000,
    maxReconnectMs = 500,
    eventIntervalMs = 1_000,
    now = () => performance.now(),
    random = Math.random,
    newId = () => randomUUID().replaceAll('-', ''),
  } = options;
  const backoff = { maxMs: maxReconnectMs, random };
  const newShards = options.newShards ?? ((observer, settings) => createRedisShards({ ...settings, hosts }, observer));
  assertPrefix(prefix);

  const codec = createMessageCodec(options);
  const capacityOf = createCapacityOf(options);
  const events = createLayerEvents(eventIntervalMs);
  const addressOf = (group: string): string => groupAddress(prefix, group, shards.hashTags === true);
  let closing: Promise<void> | undefined;

  const newMailbox = (channel: string): Mailbox =>
    createMailbox({
      capacity: capacityOf(channel),
      expiryMs,
      now,
      onDropped: (reason) => events.count({ type: 'dropped', channel, reason }),
    });

  const observer: ShardsObserver = {
    onMessage: (address, payload) => traffic.onMessage(address, payload),
    onLost(addresses, reason) {
      references.setLost(addresses, true);
      events.emit({ type: 'lost', groups: traffic.groupsOf(addresses), reason });
    },
    onRestored(addresses, downMs) {
      references.setLost(addresses, false);
      events.emit({ type: 'restored', groups: traffic.groupsOf(addresses), downMs });
    },
  };
  const shards = newShards(observer, { pingMs, connectMs, maxPending, backoff, now });
  if (shards.hashTags === true) assertUntagged(prefix);
  const references = createReferences(shards);
  const traffic = createLocalTraffic({ codec, references, events, addressOf, newMailbox, groupExpiryMs, now });

  const assertOpen = (): void => {
    if (closing !== undefined) throw new LayerClosed();
  };

  /** The layer's own names begin with the prefix, which need not follow the rules of a name. */
  const assertChannel = (name: string): void =>
    assertChannelName(typeof name === 'string' && name.startsWith(prefix) ? name.slice(prefix.length) : name);

  return {
    extensions: ['groups', 'flush'],
    capacity,
    expiryMs,
    groupExpiryMs,

    async connect() {
      assertOpen();
      try {
        await shards.connect();
      } catch (error) {
        closing ??= Promise.resolve();
        throw error;
      }
    },

    async newChannel(namePrefix = 'specific.') {
      assertOpen();
      const name = `${prefix}${namePrefix}${newId()}`;
      assertChannel(name);
      await traffic.openChannel(name);
      return name;
    },

    async send(channel, message) {
      assertOpen();
      assertChannel(channel);
      await shards.publish(channel, codec.encode(message));
    },

    async receive(channel, { signal } = {}): Promise<Message> {
      assertOpen();
      assertChannel(channel);
      signal?.throwIfAborted();
      const mailbox = await traffic.openChannel(channel);
      // A copy: byte fields are windows on what is decoded, and other members keep the same bytes.
      return codec.decode(Uint8Array.from(await mailbox.take(signal)));
    },

    async releaseChannel(channel) {
      assertOpen();
      await traffic.releaseChannel(channel, new ChannelReleased(channel));
    },

    async groupAdd(group, channel) {
      assertOpen();
      assertGroupName(group);
      assertChannel(channel);
      await traffic.join(group, channel);
    },

    async groupDiscard(group, channel) {
      assertOpen();
      assertGroupName(group);
      assertChannel(channel);
      await traffic.leave(group, channel);
    },

    async groupSend(group, message) {
      assertOpen();
      assertGroupName(group);
      await shards.publish(addressOf(group), codec.encode(message));
    },

    async groupListen(group, listener) {
      assertOpen();
      assertGroupName(group);
      return traffic.listen(group, listener);
    },

    onEvent: events.on,

    async flush() {
      assertOpen();
      await traffic.forgetAll((channel) => new ChannelReleased(channel));
    },

    async call(address, command, args) {
      assertOpen();
      return shards.call(address, command, args);
    },

    async read(address, command, args) {
      assertOpen();
      return shards.read(address, command, args);
    },

    partOf: shards.partOf,

    close() {
      closing ??= (async () => {
        // Closing the connections ends all subscriptions at once; only what is local is undone one by one.
        const shardsClosed = shards.close();
        await Promise.all([shardsClosed, traffic.forgetAll(() => new LayerClosed())]);
        events.close();
      })();
      return closing;
    },
  };
};

/** Printable ASCII: addresses are compared as bytes and read as latin1. */
const assertPrefix = (prefix: string): void => {
  if (!/^[\x21-\x7e]{0,60}$/.test(prefix)) throw new RangeError('prefix must be at most 60 printable ASCII characters');
};

/** With a hash tag in front of the group's, all groups would lie in one slot, and their history in another. */
const assertUntagged = (prefix: string): void => {
  if (/[{}]/.test(prefix)) throw new RangeError('prefix must not contain braces in a Redis Cluster');
};
