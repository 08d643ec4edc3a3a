import { createMessageCodec, type MessageCodecOptions } from '../codec/codec.js';
import { LayerClosed } from '../errors.js';
import { createLayerEvents } from '../events.js';
import type { ChannelLayer, MailboxOptions } from '../mailbox/mailboxes.js';
import { createRedisMailboxes, type RedisMailboxes } from '../mailbox/redis-mailboxes.js';
import { assertGroupName, groupAddress } from '../names.js';
import type { RedisHost } from './hosts.js';
import { createLocalGroups, type LocalGroups } from './local-groups.js';
import { createReferences } from './references.js';
import { createRedisShards, type RedisShards, type ShardsObserver, type ShardsSettings } from './shards.js';

/** The members beside those of `ChannelLayer` exist because there is a server. */
export interface RedisLayer extends ChannelLayer {
  /**
   * Opens the connections; nothing else works before. Rejects with LayerUnavailable, in one sentence, when a server
   * rejects the connection or does not answer; the layer is closed then. Later losses are events and are repaired.
   */
  connect(): Promise<void>;
  /**
   * Runs a command on the server that holds the address (a full Redis channel name), in order with what is published
   * there. Strings in the reply are Buffers; an error reply rejects as it is. @throws LayerUnavailable
   */
  readonly call: RedisShards['call'];
  /** The same for a command that only reads, over a separate connection. */
  readonly read: RedisShards['read'];
  /** Addresses of one part are on one server, and in a cluster in one slot. */
  readonly partOf: RedisShards['partOf'];
}

export interface RedisLayerOptions extends MailboxOptions, MessageCodecOptions {
  /** As `hosts` of channels_redis, in the same order in every process. @default ['redis://localhost:6379'] */
  readonly hosts?: readonly RedisHost[];
  /** As `prefix` of channels_redis. Only this separates applications on one Redis. @default 'asgi' */
  readonly prefix?: string;
  /** How often a connection is checked by a heartbeat; a dead one is noticed within twice that. @default 5_000 */
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
  /** Another kind of Redis than standalone servers and Sentinel masters. @default made from `hosts` */
  readonly newShards?: (observer: ShardsObserver, settings: ShardsSettings) => RedisShards;
}

/**
 * channels_redis' RedisPubSubChannelLayer, byte for byte: a group is the Redis channel `<prefix>__group__<group>`, a
 * message the bare output of the serializer. `send` cannot know whether there is a reader with room. If two processes
 * receive from one agreed channel, a message reaches both.
 */
export const createRedisLayer = (options: RedisLayerOptions = {}): RedisLayer => {
  const {
    hosts = ['redis://localhost:6379'],
    prefix = 'asgi',
    pingMs = 5_000,
    connectMs = 5_000,
    maxPending = 10_000,
    maxReconnectMs = 500,
    eventIntervalMs = 1_000,
    now = () => performance.now(),
    random = Math.random,
  } = options;
  const backoff = { maxMs: maxReconnectMs, random };
  const newShards = options.newShards ?? ((observer, settings) => createRedisShards({ ...settings, hosts }, observer));
  assertPrefix(prefix);

  const codec = createMessageCodec(options);
  const events = createLayerEvents(eventIntervalMs);
  const addressOf = (group: string): string => groupAddress(prefix, group, shards.hashTags === true);
  let closing: Promise<void> | undefined;

  const assertOpen = (): void => {
    if (closing !== undefined) throw new LayerClosed();
  };

  const observer: ShardsObserver = {
    onMessage: (address, payload) => groups.onMessage(address, payload),
    onLost(addresses, reason) {
      references.setLost(addresses, true);
      events.emit({ type: 'lost', groups: groups.groupsOf(addresses), reason });
    },
    onRestored(addresses, downMs) {
      references.setLost(addresses, false);
      events.emit({ type: 'restored', groups: groups.groupsOf(addresses), downMs });
    },
  };
  const shards = newShards(observer, { pingMs, connectMs, maxPending, backoff, now });
  if (shards.hashTags === true) assertUntagged(prefix);
  const references = createReferences(shards);
  const groups: LocalGroups = createLocalGroups({
    codec,
    references,
    events,
    addressOf,
    now,
    mailboxes: {
      at: (address) => mailboxes.local.at(address),
      expired: (group, channel) => mailboxes.local.expired(group, channel),
    },
  });
  const { publish } = shards;
  const mailboxes: RedisMailboxes = createRedisMailboxes(options, {
    prefix,
    codec,
    events,
    references,
    groups,
    publish,
    addressOf,
    assertOpen,
    now,
  });

  return {
    ...mailboxes.api,

    async connect() {
      assertOpen();
      try {
        await shards.connect();
      } catch (error) {
        closing ??= Promise.resolve();
        throw error;
      }
    },

    async groupSend(group, message) {
      assertOpen();
      assertGroupName(group);
      await shards.publish(addressOf(group), codec.encode(message));
    },

    async groupListen(group, listener) {
      assertOpen();
      assertGroupName(group);
      return groups.listen(group, listener);
    },

    onEvent: events.on,

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
        // Closing the connections ends all subscriptions at once; only local state is removed one by one.
        const shardsClosed = shards.close();
        await Promise.all([
          shardsClosed,
          mailboxes.local.releaseAll(() => new LayerClosed()),
          groups.forgetListeners(),
        ]);
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

/** With a hash tag in front of the group's, all groups would be in one slot, and their history in another. */
const assertUntagged = (prefix: string): void => {
  if (/[{}]/.test(prefix)) throw new RangeError('prefix must not contain braces in a Redis Cluster');
};
