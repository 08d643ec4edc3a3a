import { randomUUID } from 'node:crypto';
import { ChannelFull, ChannelReleased, LayerClosed } from '../errors.js';
import { createLayerEvents } from '../events.js';
import type { Message } from '../layer.js';
import { type CapacityOptions, createCapacityOf } from '../mailbox/capacity.js';
import { createMailbox } from '../mailbox/mailbox.js';
import type { ChannelLayer } from '../mailbox/mailboxes.js';
import { assertChannelName, assertGroupName } from '../names.js';
import { createMemoryBus, type MemoryBus, type MemoryChannel } from './memory-bus.js';

export interface MemoryLayerOptions extends CapacityOptions {
  /** Layers on one bus see each other's groups and channels, as layers on one Redis do. @default a bus of its own */
  readonly bus?: MemoryBus;
  /** How long an unread message is kept. @default 60_000 */
  readonly expiryMs?: number;
  /** How long a membership lasts without a new `groupAdd`. @default 86_400_000 */
  readonly groupExpiryMs?: number;
  /** How often further drops of a channel are reported. @default 1_000 */
  readonly eventIntervalMs?: number;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** 32 characters that nobody else has. @default a random UUID without its hyphens */
  readonly newId?: () => string;
}

/**
 * Channels' InMemoryChannelLayer: nothing leaves the process. Messages are encoded and checked exactly as towards
 * Redis, so what works here works there. Unlike Redis it keeps messages for an agreed channel nobody has opened yet,
 * knows when a channel is full, and accepts any channel as a member of a group.
 *
 * A group's message has reached every listener and mailbox when `groupSend` resolves.
 */
export const createMemoryLayer = (options: MemoryLayerOptions = {}): ChannelLayer => {
  const {
    bus = createMemoryBus(),
    capacity = 100,
    expiryMs = 60_000,
    groupExpiryMs = 86_400_000,
    eventIntervalMs = 1_000,
    now = () => performance.now(),
    newId = () => randomUUID().replaceAll('-', ''),
  } = options;
  const capacityOf = createCapacityOf(options);
  const events = createLayerEvents(eventIntervalMs);
  const self = {};
  /** Undoes of `groupListen`. */
  const listening = new Set<() => void>();
  let isClosed = false;

  const assertOpen = (): void => {
    if (isClosed) throw new LayerClosed();
  };

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

  const forgetAll = (reasonFor: (channel: string) => Error): void => {
    for (const undo of listening) undo();
    for (const [name, { owner }] of bus.channels) if (owner === self) release(name, reasonFor(name));
  };

  return {
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

    async receive(channel, { signal } = {}): Promise<Message> {
      assertOpen();
      assertChannelName(channel);
      bus.sweep(now());
      const bytes = await open(channel, self).mailbox.take(signal);
      // A copy: byte fields are windows on what is decoded, and other members keep the same bytes.
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

    async groupSend(group, message) {
      assertOpen();
      assertGroupName(group);
      const bytes = bus.codec.encode(message);
      const nowMs = now();
      bus.sweep(nowMs);
      bus.deliver(group, bytes, nowMs);
      bus.expireAt(nowMs + expiryMs);
    },

    async groupListen(group, listener) {
      assertOpen();
      assertGroupName(group);
      const leave = bus
        .openGroup(group)
        .listen(listener, (error) => events.emit({ type: 'listener-failed', group, error }));
      const undo = (): void => {
        if (!listening.delete(undo)) return;
        leave();
        bus.closeGroup(group);
      };
      listening.add(undo);
      return async () => undo();
    },

    onEvent: events.on,

    async flush() {
      assertOpen();
      forgetAll((channel) => new ChannelReleased(channel));
    },

    async close() {
      if (isClosed) return;
      isClosed = true;
      forgetAll(() => new LayerClosed());
      events.close();
    },
  };
};
