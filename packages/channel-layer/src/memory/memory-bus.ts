import { createMessageCodec, type MessageCodec } from '../codec/codec.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import { createLocalGroup, type LocalGroup } from './local-group.js';

/** Shared by the memory layers of one process in place of a server: layers on one bus see each other's groups. */
export interface MemoryBus {
  readonly codec: MessageCodec;
  readonly channels: Map<string, MemoryChannel>;
  /** Returns the group, created if needed. */
  openGroup(group: string): LocalGroup;
  /** Removes the group if it is empty. */
  closeGroup(group: string): void;
  /**
   * Notifies the group's listeners, then its members. A call by a listener waits for the message being delivered, so
   * that all listeners see one order.
   */
  deliver(group: string, bytes: Uint8Array, nowMs: number): void;
  /** Drops expired messages of all channels, and channels that only messages kept. Free until something can expire. */
  sweep(nowMs: number): void;
  /** Reports that a stored message expires then. */
  expireAt(atMs: number): void;
}

export interface MemoryChannel {
  readonly mailbox: Mailbox;
  /** The layer that opened it by `newChannel`, `receive` or `groupAdd`; undefined while it was only sent to. */
  owner: object | undefined;
  /** Groups that it is a member of. */
  readonly groups: Set<string>;
}

interface Delivery {
  readonly group: string;
  readonly bytes: Uint8Array;
  readonly nowMs: number;
}

export const createMemoryBus = (): MemoryBus => {
  const codec = createMessageCodec();
  const channels = new Map<string, MemoryChannel>();
  const groups = new Map<string, LocalGroup>();
  /** Holds more than one only while a listener sends to a group: as many as listeners send during one delivery. */
  const waiting: Delivery[] = [];
  let isDelivering = false;
  let nextSweepMs = Number.POSITIVE_INFINITY;

  const closeGroup = (name: string): void => {
    if (groups.get(name)?.isEmpty === true) groups.delete(name);
  };

  const deliverOne = ({ group: name, bytes, nowMs }: Delivery): void => {
    const group = groups.get(name);
    if (group === undefined) return;
    for (const channel of group.expire(nowMs)) channels.get(channel)?.groups.delete(name);
    if (group.hasListeners) {
      const { message, json } = codec.decodeWithJson(bytes);
      group.notify(message, json);
    }
    group.push(bytes);
    closeGroup(name);
  };

  return {
    codec,
    channels,
    openGroup(name) {
      const known = groups.get(name);
      if (known !== undefined) return known;
      const group = createLocalGroup();
      groups.set(name, group);
      return group;
    },
    closeGroup,
    deliver(group, bytes, nowMs) {
      waiting.push({ group, bytes, nowMs });
      if (isDelivering) return;
      isDelivering = true;
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) deliverOne(next);
      } finally {
        isDelivering = false;
      }
    },
    sweep(nowMs) {
      if (nowMs < nextSweepMs) return;
      nextSweepMs = Number.POSITIVE_INFINITY;
      for (const [name, { mailbox, owner, groups: joined }] of channels) {
        nextSweepMs = Math.min(nextSweepMs, mailbox.sweep());
        const isUsed = mailbox.size > 0 || mailbox.readers > 0 || joined.size > 0 || owner !== undefined;
        if (!isUsed) channels.delete(name);
      }
    },
    expireAt(atMs) {
      nextSweepMs = Math.min(nextSweepMs, atMs);
    },
  };
};
