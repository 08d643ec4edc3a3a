import type { GroupLayer, Message } from '../layer.js';
import type { CapacityOptions } from './capacity.js';

export interface MailboxOptions extends CapacityOptions {
  /** How long an unread message is kept. @default 60_000 */
  readonly expiryMs?: number;
  /** How long a membership lasts without a new `groupAdd`. @default 86_400_000 */
  readonly groupExpiryMs?: number;
  /** 32 characters, unique. @default a random UUID without its hyphens */
  readonly newId?: () => string;
}

/**
 * The other half of the Django Channels layer API (https://channels.readthedocs.io/en/latest/channel_layer_spec.html):
 * channels, which have one reader and a mailbox each, and their memberships in groups. Tickwire itself does not use it;
 * programs that exchange messages with single Django consumers do. A member's full mailbox drops its oldest message and
 * counts it.
 */
export interface Mailboxes {
  /** Optional features, by Channels' names: `groups`, `flush`. */
  readonly extensions: readonly string[];
  /** Messages a mailbox holds unless a `channelCapacity` pattern says otherwise. @default 100 */
  readonly capacity: number;
  /** How long an unread message is kept, in milliseconds. @default 60_000 */
  readonly expiryMs: number;
  /** How long a membership lasts without a new `groupAdd`, in milliseconds. @default 86_400_000 */
  readonly groupExpiryMs: number;

  /** Returns a unique name. Resolves once messages sent to it would arrive. @default prefix 'specific.' */
  newChannel(prefix?: string): Promise<string>;
  /** @throws ChannelFull if the layer can know it; InvalidName; InvalidMessage; LayerUnavailable. */
  send(channel: string, message: Message): Promise<void>;
  /**
   * Returns the next message; the receiver may keep and change it. One reader gets each message. A name not made by
   * `newChannel` is an agreed one; its first `receive` opens it. Aborting the signal rejects with its reason and loses
   * no message. Rejects with LayerClosed when the layer is closed.
   */
  receive(channel: string, options?: { readonly signal?: AbortSignal }): Promise<Message>;
  /**
   * Removes a channel: its unread messages, its memberships, its subscription. Channels does this when a consumer ends;
   * without it a channel lasts as long as the layer. Pending receives reject with ChannelReleased. Idempotent.
   */
  releaseChannel(channel: string): Promise<void>;

  /**
   * Resolves only after the subscription is acknowledged: a group send made after that, from anywhere, arrives.
   * @throws UnknownChannel for a channel that was not opened here, if the layer cannot deliver to it.
   */
  groupAdd(group: string, channel: string): Promise<void>;
  /** No-op for a channel that is not a member. Leaves no trace of the last member. */
  groupDiscard(group: string, channel: string): Promise<void>;

  /** Removes all channels, groups and listeners of this layer object, as `releaseChannel` does; `onEvent` stays. */
  flush(): Promise<void>;
}

/** The complete layer API of Channels. */
export type ChannelLayer = GroupLayer & Mailboxes;
