import { types } from 'node:util';
import type { GroupListener, Message } from '../layer.js';
import type { Mailbox } from '../mailbox/mailbox.js';

/** The receivers of one group's messages in this process. */
export interface LocalGroup {
  readonly isEmpty: boolean;
  /** Whether any member's mailbox needs the bytes. */
  readonly hasMembers: boolean;
  /** Whether any listener needs the decoded message. */
  readonly hasListeners: boolean;
  /** Returns an idempotent function that removes the listener; after it the listener is not called again. */
  listen(listener: GroupListener, onFailed: (error: unknown) => void): () => void;
  /** Adds the member, or renews its membership. */
  add(channel: string, mailbox: Mailbox, expiresAtMs: number): void;
  /** Returns false when it was not a member. */
  discard(channel: string): boolean;
  /** Ends memberships that were not renewed in time and returns their channels. */
  expire(nowMs: number): readonly string[];
  /** Every listener gets the same object and must not change it. */
  notify(message: Message, json: Uint8Array | undefined): void;
  /** Every mailbox keeps the same bytes: the caller must not reuse them. */
  push(bytes: Uint8Array): void;
}

interface Listening {
  readonly listener: GroupListener;
  readonly onFailed: (error: unknown) => void;
  active: boolean;
}

interface Membership {
  readonly mailbox: Mailbox;
  readonly expiresAtMs: number;
}

const nobody: readonly string[] = [];

export const createLocalGroup = (): LocalGroup => {
  /** Replaced, never changed: a listener may leave, or another join, during a notification. */
  let listening: readonly Listening[] = [];
  const members = new Map<string, Membership>();
  let nextExpiryMs = Number.POSITIVE_INFINITY;

  return {
    get isEmpty() {
      return listening.length === 0 && members.size === 0;
    },
    get hasMembers() {
      return members.size > 0;
    },
    get hasListeners() {
      return listening.length > 0;
    },
    listen(listener, onFailed) {
      const entry: Listening = { listener, onFailed, active: true };
      listening = [...listening, entry];
      return () => {
        entry.active = false;
        listening = listening.filter((other) => other !== entry);
      };
    },
    add(channel, mailbox, expiresAtMs) {
      members.set(channel, { mailbox, expiresAtMs });
      nextExpiryMs = Math.min(nextExpiryMs, expiresAtMs);
    },
    discard: (channel) => members.delete(channel),
    expire(nowMs) {
      if (nowMs < nextExpiryMs) return nobody;
      const expired: string[] = [];
      nextExpiryMs = Number.POSITIVE_INFINITY;
      for (const [channel, { expiresAtMs }] of members) {
        if (expiresAtMs > nowMs) nextExpiryMs = Math.min(nextExpiryMs, expiresAtMs);
        else expired.push(channel);
      }
      for (const channel of expired) members.delete(channel);
      return expired;
    },
    notify(message, json) {
      for (const entry of listening) if (entry.active) notifyOne(entry, message, json);
    },
    push(bytes) {
      for (const { mailbox } of members.values()) mailbox.push(bytes);
    },
  };
};

const notifyOne = (entry: Listening, message: Message, json: Uint8Array | undefined): void => {
  try {
    const result: unknown = entry.listener(message, json);
    // TypeScript accepts an async function as a listener; its unhandled rejection would end the process.
    if (types.isPromise(result)) result.catch(entry.onFailed);
  } catch (error) {
    entry.onFailed(error);
  }
};
