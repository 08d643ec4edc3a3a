/** What travels through a layer: a map with a `type` that Channels would dispatch on (`price.trade` -> `price_trade`). */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Undoes a subscription; idempotent. Resolves when the layer holds no trace of it (Redis has acknowledged). */
export type Unsubscribe = () => Promise<void>;

/**
 * The Django Channels layer API (https://channels.readthedocs.io/en/latest/channel_layer_spec.html), mirrored, with
 * the door a fan-out gateway needs beside it (`groupListen`) and what Channels never tells its users (`onEvent`).
 *
 * Guarantee: at most once, in order for one writer and one reader. A message is dropped rather than duplicated, and
 * every drop is an event and a count.
 */
export interface ChannelLayer {
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
  /** Never ChannelFull: a full member's mailbox drops its oldest message, counted. */
  groupSend(group: string, message: Message): Promise<void>;

  /**
   * Calls the listener with each message of the group, in order, with no mailbox between: what a gateway fans out
   * from. All listeners get the same object: they must not change it. A listener that throws, or whose promise
   * rejects, is an event, never the end of the subscription. Resolves as `groupAdd` does; messages may come before.
   */
  groupListen(group: string, listener: GroupListener): Promise<Unsubscribe>;

  /** Tells of losses, drops and bad messages. Returns its undo. */
  onEvent(listener: (event: LayerEvent) => void): () => void;

  /** Forgets all channels, groups and listeners of this layer object, as `releaseChannel` does; `onEvent` stays. */
  flush(): Promise<void>;
  /** Idempotent. Pending receives reject with LayerClosed. */
  close(): Promise<void>;
}

export type GroupListener = (message: Message) => void;

/** A `count` is how many came since the event before with the same address and reason: their sum is the total. */
export type LayerEvent =
  /** Messages of these groups may be missed from now on. Without groups: a connection that nobody needed was lost. */
  | { readonly type: 'lost'; readonly groups: readonly string[]; readonly reason: string }
  /** Subscriptions of these groups are acknowledged again; what was published since `lost` is missing. */
  | { readonly type: 'restored'; readonly groups: readonly string[]; readonly downMs: number }
  /**
   * Messages nobody can read: bad bytes, no `type`, a type Channels would refuse. The address is the group or channel
   * as the server knows it, the reason a `PoisonReason`. The readers of the address go on.
   */
  | { readonly type: 'poison'; readonly address: string; readonly reason: string; readonly count: number }
  /** A mailbox was full and its oldest message went, or a message expired unread. */
  | { readonly type: 'dropped'; readonly channel: string; readonly reason: 'full' | 'expired'; readonly count: number }
  | { readonly type: 'listener-failed'; readonly group: string; readonly error: unknown };
