/** What travels through a layer: a map with a `type` that Channels would dispatch on (`price.trade` -> `price_trade`). */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Undoes a subscription; idempotent. Resolves when the layer holds no trace of it (Redis has acknowledged). */
export type Unsubscribe = () => Promise<void>;

/**
 * Groups: what a fan-out gateway and a producer need of a layer, with what Channels never reports to its users (`onEvent`).
 *
 * Guarantee: at most once, in order for one writer and one reader. A message is dropped rather than duplicated, and
 * every drop is an event and a count.
 */
export interface GroupLayer {
  /** @throws InvalidName; InvalidMessage; LayerUnavailable. */
  groupSend(group: string, message: Message): Promise<void>;

  /**
   * Calls the listener with each message of the group, in order, with no mailbox between: what a gateway fans out
   * from. All listeners get the same object: they must not change it. A listener that throws, or whose promise
   * rejects, is an event, never the end of the subscription. Resolves only after the subscription is acknowledged: a
   * group send made after that, from anywhere, arrives; messages may come before.
   */
  groupListen(group: string, listener: GroupListener): Promise<Unsubscribe>;

  /** Reports losses, drops and bad messages. Returns its undo. */
  onEvent(listener: (event: LayerEvent) => void): () => void;

  /** Idempotent. Ends all that was opened through this layer object. */
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
   * Messages nobody can read: bad bytes, no `type`, a type Channels would reject. The address is the group or channel
   * as the server knows it, the reason a `PoisonReason`. The readers of the address go on.
   */
  | { readonly type: 'poison'; readonly address: string; readonly reason: string; readonly count: number }
  /** A mailbox was full and its oldest message went, or a message expired unread. */
  | { readonly type: 'dropped'; readonly channel: string; readonly reason: 'full' | 'expired'; readonly count: number }
  | { readonly type: 'listener-failed'; readonly group: string; readonly error: unknown };
