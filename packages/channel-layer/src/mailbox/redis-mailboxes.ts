import { randomUUID } from 'node:crypto';
import type { MessageCodec } from '../codec/codec.js';
import { ChannelReleased } from '../errors.js';
import type { LayerEvents } from '../events.js';
import { assertChannelName, assertGroupName } from '../names.js';
import type { LocalGroups } from '../redis/local-groups.js';
import type { References } from '../redis/references.js';
import type { RedisShards } from '../redis/shards.js';
import { createCapacityOf } from './capacity.js';
import { createLocalMailboxes, type LocalMailboxes } from './local-mailboxes.js';
import { createMailbox } from './mailbox.js';
import type { Mailboxes, MailboxOptions } from './mailboxes.js';

/** The parts of the layer that its mailboxes use. */
export interface LayerParts {
  readonly prefix: string;
  readonly codec: MessageCodec;
  readonly events: LayerEvents;
  readonly references: Pick<References, 'hold'>;
  readonly groups: Pick<LocalGroups, 'open' | 'close' | 'forgetListeners'>;
  readonly publish: RedisShards['publish'];
  /** The Redis channel of a group. */
  readonly addressOf: (group: string) => string;
  /** @throws LayerClosed */
  readonly assertOpen: () => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The mailboxes of a Redis layer, and what the layer needs from them. */
export interface RedisMailboxes {
  readonly api: Mailboxes;
  readonly local: Pick<LocalMailboxes, 'at' | 'expired' | 'releaseAll'>;
}

export const createRedisMailboxes = (options: MailboxOptions, parts: LayerParts): RedisMailboxes => {
  const { capacity = 100, expiryMs = 60_000, groupExpiryMs = 86_400_000 } = options;
  const { newId = () => randomUUID().replaceAll('-', '') } = options;
  const { prefix, codec, events, references, groups, publish, addressOf, assertOpen, now } = parts;
  const capacityOf = createCapacityOf(options);
  const local = createLocalMailboxes({
    references,
    groups,
    addressOf,
    groupExpiryMs,
    now,
    newMailbox: (channel) =>
      createMailbox({
        capacity: capacityOf(channel),
        expiryMs,
        now,
        onDropped: (reason) => events.count({ type: 'dropped', channel, reason }),
      }),
  });

  /** The layer's own names begin with the prefix, which need not follow the rules of a name. */
  const assertChannel = (name: string): void => {
    assertOpen();
    assertChannelName(typeof name === 'string' && name.startsWith(prefix) ? name.slice(prefix.length) : name);
  };

  const api: Mailboxes = {
    extensions: ['groups', 'flush'],
    capacity,
    expiryMs,
    groupExpiryMs,

    async newChannel(namePrefix = 'specific.') {
      const name = `${prefix}${namePrefix}${newId()}`;
      assertChannel(name);
      await local.open(name);
      return name;
    },

    async send(channel, message) {
      assertChannel(channel);
      await publish(channel, codec.encode(message));
    },

    async receive(channel, { signal } = {}) {
      assertChannel(channel);
      signal?.throwIfAborted();
      const mailbox = await local.open(channel);
      // A copy: byte fields are views of the decoded bytes, and other members keep the same bytes.
      return codec.decode(Uint8Array.from(await mailbox.take(signal)));
    },

    async releaseChannel(channel) {
      assertOpen();
      await local.release(channel, new ChannelReleased(channel));
    },

    async groupAdd(group, channel) {
      assertOpen();
      assertGroupName(group);
      assertChannel(channel);
      await local.join(group, channel);
    },

    async groupDiscard(group, channel) {
      assertOpen();
      assertGroupName(group);
      assertChannel(channel);
      await local.leave(group, channel);
    },

    async flush() {
      assertOpen();
      await Promise.all([local.releaseAll((channel) => new ChannelReleased(channel)), groups.forgetListeners()]);
    },
  };
  return { api, local };
};
