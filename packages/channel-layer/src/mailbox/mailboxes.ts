import type { GroupLayer, Message } from '../layer.js';
import type { CapacityOptions } from './capacity.js';

export interface MailboxOptions extends CapacityOptions {
  /** How long an unread message is kept. @default 60_000 */
  readonly expiryMs?: number;
  /** How long a membership lasts without a new `groupAdd`. @default 86_400_000 */
  readonly groupExpiryMs?: number;
  /** 32 characters that nobody else has. @default a random UUID without its hyphens */
  readonly newId?: () => string;
}

/**
 * The other half of the Django Channels layer API (https://channels.readthedocs.io/en/latest/channel_layer_spec.html): channels,
 * which have one reader and a mailbox each, and their memberships in groups. Nothing of Tickwire uses it; programs that speak
 * with Django consumers one by one do. A member's mailbox that is full drops its oldest message, counted.
 */
export interface Mailboxes {
  /** Optional powers, by Channels' names: `groups`, `flush`. */
  readonly extensions: readonly string[];
  /** Messages a mailbox holds unless a `channelCapacity` pattern says otherwise. @default 100 */
  readonly capacity: number;
  /** How long an unread message is kept, in milliseconds. @default 60_000 */
  readonly expiryMs: number;
  /** How long a membership lasts without a new `groupAdd`, in milliseconds. @default 86_400_000 */
  readonly groupExpiryMs: number;

  /** A name nobody else has. Resolves once messages sent to it would arrive. @default prefix 'specific.' */
  newChannel(prefix?: string): Promise<string>;
  /** @throws ChannelFull where the layer can know it; InvalidName; InvalidMessage; LayerUnavailable. */
  send(channel: string, message: Message): Promise<void>;
  /**
   * The next message, the receiver's own to keep and change; one reader gets each. A name not made by `newChannel` is
   * an agreed one; its first `receive` opens it. Aborting the signal rejects with its reason and loses no message.
   * Rejects with LayerClosed when the layer is closed.
   */
  receive(channel: string, options?: { readonly signal?: AbortSignal }): Promise<Message>;
  /**
   * Forgets a channel: its unread messages, its memberships, its subscription. What Channels does when a consumer
   * ends; without it a channel lasts as long as the layer. Pending receives reject with ChannelReleased. Idempotent.
   */
  releaseChannel(channel: string): Promise<void>;

  /**
   * Resolves only after the subscription is acknowledged: a group send made after that, from anywhere, arrives.
   * @throws UnknownChannel for a channel that was not opened here, where the layer cannot deliver to it.
   */
  groupAdd(group: string, channel: string): Promise<void>;
  /** No-op for a channel that is not a member. Leaves no trace of the last member. */
  groupDiscard(group: string, channel: string): Promise<void>;

  /** Forgets all channels, groups and listeners of this layer object, as `releaseChannel` does; `onEvent` stays. */
  flush(): Promise<void>;
}

/** All of Channels' layer API. */
export type ChannelLayer = GroupLayer & Mailboxes;
