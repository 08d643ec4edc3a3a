/** The content of a layer: maps with a `type` that Channels would dispatch on (`price.trade` -> `price_trade`). */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Ends a subscription; idempotent. Resolves when the layer holds no trace of it (Redis has acknowledged). */
export type Unsubscribe = () => Promise<void>;

/**
 * Groups: what a fan-out gateway and a producer need from a layer, and events that Channels never reports (`onEvent`).
 * Guarantee: at most once, in order for one writer and one reader. A message is dropped rather than duplicated, and
 * every drop is an event and is counted.
 */
export interface GroupLayer {
  /** @throws InvalidName; InvalidMessage; LayerUnavailable. */
  groupSend(group: string, message: Message): Promise<void>;

  /**
   * Calls the listener with each message of the group, in order, without a mailbox: a gateway fans out from this. All
   * listeners get the same object and must not change it. A listener that throws, or whose promise rejects, causes an
   * event and stays subscribed. Resolves only after the subscription is acknowledged: a group send made after that,
   * from anywhere, arrives; messages may arrive before.
   */
  groupListen(group: string, listener: GroupListener): Promise<Unsubscribe>;

  /** Reports losses, drops and bad messages. Returns a function that removes the listener. */
  onEvent(listener: (event: LayerEvent) => void): () => void;

  /** Idempotent. Ends everything opened through this layer object. */
  close(): Promise<void>;
}

/** `json` is the message as JSON text, where the layer has it; shared by all listeners, too. */
export type GroupListener = (message: Message, json?: Uint8Array) => void;

/** `count`: how many occurred since the previous event with the same address and reason. Their sum is the total. */
export type LayerEvent =
  /**
   * Messages of these groups may be missed from now on. Without groups: an unused connection was lost, or a server rejects
   * this client since, for this reason.
   */
  | { readonly type: 'lost'; readonly groups: readonly string[]; readonly reason: string }
  /** Subscriptions of these groups are acknowledged again; messages published since `lost` are missing. */
  | { readonly type: 'restored'; readonly groups: readonly string[]; readonly downMs: number }
  /**
   * Messages that cannot be read: bad bytes, no `type`, a type Channels would reject. The address is the group or
   * channel as the server knows it; the reason is a `PoisonReason`. The readers of the address continue.
   */
  | { readonly type: 'poison'; readonly address: string; readonly reason: string; readonly count: number }
  /** A mailbox was full and its oldest message was dropped, or a message expired unread. */
  | { readonly type: 'dropped'; readonly channel: string; readonly reason: 'full' | 'expired'; readonly count: number }
  | { readonly type: 'listener-failed'; readonly group: string; readonly error: unknown };
