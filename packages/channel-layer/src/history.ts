import type { Message } from './layer.js';

/**
 * The layer's history extension: what a group's readers missed can be read back. A group that is written through it
 * has one writer at a time (the fence) and positions without holes (`seq` +1 a message within an `epoch`).
 */
export interface History {
  /**
   * Appends and publishes, in the order given, atomically per group: a message is in history before anybody hears it.
   * One round trip a call (one per shard where there are several, one per group in a cluster). Safe to repeat after an
   * error with the same fence: what is already there at its `seq` in the same epoch is skipped, not doubled. One call
   * at a time for a group: a second one sent before the first has answered may be rejected as a `mismatch`.
   * @throws InvalidHistoryRequest, InvalidMessage: nothing was sent. RedisOutOfMemory, RedisUnavailable, RedisRefused.
   */
  append(batch: readonly GroupBatch[], fence: number): Promise<readonly AppendResult[]>;

  /** Messages with `seq > afterSeq`, oldest first, at most `limit`, beside the group's position at the same instant. */
  read(group: string, options: { readonly afterSeq: number; readonly limit: number }): Promise<HistoryRange>;

  /** The newest `count` messages (oldest first) and the position of each group, in one call, in the order asked. */
  newest(groups: readonly string[], count: number): Promise<readonly HistoryRange[]>;
}

/**
 * Messages of one group with contiguous `seq`, each carrying its `seq` and `epoch` as fields. Without messages it claims
 * the group: a writer with an older token is rejected from then on, before the new one has anything to say.
 */
export interface GroupBatch {
  readonly group: string;
  readonly epoch: string;
  /** `seq` of the first message, or of the next one where there is none. 1 or more. */
  readonly firstSeq: number;
  readonly messages: readonly Message[];
  /**
   * Starts this epoch whatever was there: the old history is dropped. For a writer that knows history was lost. Where
   * the stored epoch is this one already, it has no effect: a repeated reset drops and doubles nothing.
   */
  readonly reset?: boolean;
}

export interface GroupPosition {
  readonly epoch: string;
  readonly seq: number;
}

export type AppendResult =
  | { readonly group: string; readonly outcome: 'appended'; readonly position: GroupPosition }
  /** A writer with a newer token has been here; nothing was written. */
  | { readonly group: string; readonly outcome: 'fenced'; readonly fence: number }
  /**
   * Nothing was written: `firstSeq` leaves a hole after what is stored, or the epoch is another, or something stored
   * there was written with another token (position null: nothing is stored). A stored `seq` behind the writer's means
   * that Redis lost the end: appending it again from `position.seq + 1` heals it.
   */
  | { readonly group: string; readonly outcome: 'mismatch'; readonly position: GroupPosition | null }
  /** The group's keys hold something that is not ours; nothing was written. Other groups of the call are not concerned. */
  | { readonly group: string; readonly outcome: 'rejected'; readonly reason: string };

export interface HistoryRange {
  readonly group: string;
  /** Newest position; null when the group has none. */
  readonly position: GroupPosition | null;
  /**
   * Oldest first, contiguous; from `read`, the first is at `afterSeq + 1`. Empty when history no longer holds that one,
   * or there is nothing newer: `position` says which.
   */
  readonly messages: readonly Message[];
}

/** For groups that anybody may write to: each publication takes the position after the newest. */
export interface GroupPublisher {
  /**
   * Gives the message the group's next `seq`, appends it and publishes it, in one atomic step. It carries no `seq` or
   * `epoch` of its own. A group that is new, or was lost, begins an epoch. Repeating it after an error is safe with `once`
   * only.
   * @throws InvalidHistoryRequest, InvalidMessage, InvalidName: nothing was sent. RedisOutOfMemory, RedisUnavailable, RedisRefused.
   */
  publish(group: string, message: Message, options: GroupPublishOptions): Promise<PublishResult>;
}

export interface GroupPublishOptions {
  /** Newest messages of the group that are kept. */
  readonly historySize: number;
  /** They are dropped together when nothing was published for this long. */
  readonly historyTtlMs: number;
  /** What is published under one key is published once, within the group, for as long as it is remembered. */
  readonly once?: PublishKey;
}

export interface PublishKey {
  readonly key: string;
  /** What tells one content from another: a key stands for one. */
  readonly content: string;
  readonly rememberedMs: number;
}

export type PublishResult =
  | { readonly outcome: 'published'; readonly position: GroupPosition }
  /** The key was used for this content before; it was published at this position. */
  | { readonly outcome: 'repeated'; readonly position: GroupPosition }
  /** The key was used for another content. Nothing was published. */
  | { readonly outcome: 'reused' }
  /** The group has a writer with a token, who alone may write. Nothing was published. */
  | { readonly outcome: 'owned' }
  /** The group's keys hold something that is not ours. Nothing was published. */
  | { readonly outcome: 'rejected'; readonly reason: string };

/** One holder at a time, with a token that grows at each change of holder: the fence of `History.append`. */
export interface Lease {
  /** Tries once. The token when this process holds the lease afterwards (a holder renews), undefined otherwise. */
  acquire(): Promise<number | undefined>;
  /** Gives it up if held. Idempotent. */
  release(): Promise<void>;
  /** Who holds it now, for operators. */
  holder(): Promise<{ readonly owner: string; readonly token: number } | undefined>;
}
