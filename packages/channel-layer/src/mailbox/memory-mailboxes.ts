import { randomUUID } from 'node:crypto';
import { ChannelFull, ChannelReleased } from '../errors.js';
import type { LayerEvents } from '../events.js';
import type { MemoryBus, MemoryChannel } from '../memory/memory-bus.js';
import { assertChannelName, assertGroupName } from '../names.js';
import { createCapacityOf } from './capacity.js';
import { createMailbox } from './mailbox.js';
import type { Mailboxes, MailboxOptions } from './mailboxes.js';

/** The parts of the layer that its mailboxes use. */
export interface MemoryLayerParts {
  readonly bus: MemoryBus;
  readonly events: LayerEvents;
  readonly forgetListeners: () => void;
  /** @throws LayerClosed */
  readonly assertOpen: () => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The mailboxes of a memory layer, and what the layer needs from them. */
export interface MemoryMailboxes {
  readonly api: Mailboxes;
  releaseAll(reasonFor: (channel: string) => Error): void;
}

export const createMemoryMailboxes = (options: MailboxOptions, parts: MemoryLayerParts): MemoryMailboxes => {
  const { capacity = 100, expiryMs = 60_000, groupExpiryMs = 86_400_000 } = options;
  const { newId = () => randomUUID().replaceAll('-', '') } = options;
  const { bus, events, forgetListeners, assertOpen, now } = parts;
  const capacityOf = createCapacityOf(options);
  const self = {};

  const open = (name: string, owner: object | undefined): MemoryChannel => {
    const known = bus.channels.get(name);
    if (known !== undefined) {
      known.owner ??= owner;
      return known;
    }
    const onDropped = (reason: 'full' | 'expired'): void => events.count({ type: 'dropped', channel: name, reason });
    const mailbox = createMailbox({ capacity: capacityOf(name), expiryMs, now, onDropped });
    const channel: MemoryChannel = { mailbox, owner, groups: new Set() };
    bus.channels.set(name, channel);
    return channel;
  };

  const release = (name: string, reason: Error): void => {
    const channel = bus.channels.get(name);
    if (channel === undefined) return;
    bus.channels.delete(name);
    for (const group of channel.groups) {
      bus.openGroup(group).discard(name);
      bus.closeGroup(group);
    }
    channel.mailbox.close(reason);
  };

  const releaseAll = (reasonFor: (channel: string) => Error): void => {
    for (const [name, { owner }] of bus.channels) if (owner === self) release(name, reasonFor(name));
  };

  const api: Mailboxes = {
    extensions: ['groups', 'flush'],
    capacity,
    expiryMs,
    groupExpiryMs,

    async newChannel(prefix = 'specific.') {
      assertOpen();
      const name = `${prefix}${newId()}`;
      assertChannelName(name);
      open(name, self);
      return name;
    },

    async send(channel, message) {
      assertOpen();
      assertChannelName(channel);
      const bytes = bus.codec.encode(message);
      bus.sweep(now());
      const { mailbox } = open(channel, undefined);
      if (!mailbox.offer(bytes)) throw new ChannelFull(channel, mailbox.capacity);
      bus.expireAt(now() + expiryMs);
    },

    async receive(channel, { signal } = {}) {
      assertOpen();
      assertChannelName(channel);
      bus.sweep(now());
      const bytes = await open(channel, self).mailbox.take(signal);
      // A copy: byte fields are views of the decoded bytes, and other members keep the same bytes.
      return bus.codec.decode(Uint8Array.from(bytes));
    },

    async releaseChannel(channel) {
      assertOpen();
      release(channel, new ChannelReleased(channel));
    },

    async groupAdd(group, channel) {
      assertOpen();
      assertGroupName(group);
      assertChannelName(channel);
      const { mailbox, groups } = open(channel, self);
      groups.add(group);
      bus.openGroup(group).add(channel, mailbox, now() + groupExpiryMs);
    },

    async groupDiscard(group, channel) {
      assertOpen();
      assertGroupName(group);
      assertChannelName(channel);
      bus.channels.get(channel)?.groups.delete(group);
      bus.openGroup(group).discard(channel);
      bus.closeGroup(group);
    },

    async flush() {
      assertOpen();
      forgetListeners();
      releaseAll((channel) => new ChannelReleased(channel));
    },
  };
  return { api, releaseAll };
};
