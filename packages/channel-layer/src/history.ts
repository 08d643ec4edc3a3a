import type { Message } from './layer.js';

/**
 * The layer's history extension: messages that a group's readers missed can be read back. A group written through it
 * has one writer at a time (the fence) and positions without holes (`seq` +1 per message within an `epoch`).
 */
export interface History {
  /**
   * Appends and publishes, in the given order, atomically per group: a message is in history before any reader receives
   * it. One round trip a call (one per shard if there are several, one per group in a cluster). Safe to repeat after an
   * error with the same fence: messages already stored at their `seq` in the same epoch are skipped. One call at a time
   * for a group: a second one sent before the first has answered may be rejected as a `mismatch`.
   * @throws InvalidHistoryRequest, InvalidMessage: nothing was sent. RedisOutOfMemory, RedisUnavailable, RedisRefused.
   */
  append(batch: readonly GroupBatch[], fence: number): Promise<readonly AppendResult[]>;

  /** Messages with `seq > afterSeq`, oldest first, at most `limit`, with the group's position at the same instant. */
  read(group: string, options: { readonly afterSeq: number; readonly limit: number }): Promise<HistoryRange>;

  /** The newest `count` messages (oldest first) and the position of each group, in one call, in the requested order. */
  newest(groups: readonly string[], count: number): Promise<readonly HistoryRange[]>;
}

/**
 * Messages of one group with contiguous `seq`, each carrying its `seq` and `epoch` as fields. Without messages the
 * batch claims the group: a writer with an older token is rejected from then on, before the new one has anything to
 * send.
 */
export interface GroupBatch {
  readonly group: string;
  readonly epoch: string;
  /** `seq` of the first message, or of the next one if there are no messages. 1 or more. */
  readonly firstSeq: number;
  readonly messages: readonly Message[];
  /**
   * Starts this epoch whatever was stored: the old history is dropped. For a writer that knows history was lost. If the
   * stored epoch is already this one, it has no effect: a repeated reset neither drops nor doubles anything.
   */
  readonly reset?: boolean;
}

export interface GroupPosition {
  readonly epoch: string;
  readonly seq: number;
}

export type AppendResult =
  | { readonly group: string; readonly outcome: 'appended'; readonly position: GroupPosition }
  /** A writer with a newer token has written; nothing was written now. */
  | { readonly group: string; readonly outcome: 'fenced'; readonly fence: number }
  /**
   * Nothing was written: `firstSeq` leaves a hole after what is stored, or the epoch is another, or something stored
   * there was written with another token (position null: nothing is stored). A stored `seq` behind the writer's means
   * that Redis lost the end: appending it again from `position.seq + 1` heals it.
   */
  | { readonly group: string; readonly outcome: 'mismatch'; readonly position: GroupPosition | null }
  /** The group's keys hold foreign data; nothing was written. Other groups of the call are not affected. */
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
  /** From `newest`: why there are no messages although something is stored. */
  readonly unreadable?: string;
}

/** For writers that need not know the position: each publication takes the one after the newest. */
export interface GroupPublisher {
  /**
   * Gives the message the group's next `seq`, appends it and publishes it, in one atomic step. The message must not have
   * a `seq` or `epoch`. A new or lost group begins an epoch. Repeating a call after an error is safe only with `once`.
   * @throws InvalidHistoryRequest, InvalidMessage, InvalidName: nothing was sent. RedisOutOfMemory, RedisUnavailable, RedisRefused.
   */
  publish(group: string, message: Message, options: GroupPublishOptions): Promise<PublishResult>;
}

export interface GroupPublishOptions {
  /** Number of the newest messages of the group that are kept. */
  readonly historySize: number;
  /** Messages are dropped together when nothing was published for this long. */
  readonly historyTtlMs: number;
  /** A message with this key is published once in the group while the key is remembered. */
  readonly once?: PublishKey;
  /**
   * The token of the group's single writer; the group accepts no older one then, and none without a token. `new`: takes
   * one that is greater than all before it. @default none
   */
  readonly fence?: number | 'new';
}

export interface PublishKey {
  readonly key: string;
  /** Identifies the content: a key stands for one content. */
  readonly content: string;
  readonly rememberedMs: number;
}

export type PublishResult =
  | { readonly outcome: 'published'; readonly position: GroupPosition; readonly fence?: number }
  /** The key was used for this content before; it was published at this position. */
  | { readonly outcome: 'repeated'; readonly position: GroupPosition; readonly fence?: number }
  /** The key was used for other content. Nothing was published. */
  | { readonly outcome: 'reused' }
  /** The group has a writer with a token, and only that writer may publish. Nothing was published. */
  | { readonly outcome: 'owned' }
  /** A writer with a newer token has taken over the group. Nothing was published. */
  | { readonly outcome: 'fenced'; readonly fence: number }
  /** The group's keys hold foreign data. Nothing was published. */
  | { readonly outcome: 'rejected'; readonly reason: string };

/** One holder at a time, with a token that grows with each change of holder: the fence of `History.append`. */
export interface Lease {
  /** Tries once. Returns the token if this process then holds the lease (a holder renews), otherwise undefined. */
  acquire(): Promise<number | undefined>;
  /** Releases the lease if held. Idempotent. */
  release(): Promise<void>;
  /** The current holder, for operators. */
  holder(): Promise<{ readonly owner: string; readonly token: number } | undefined>;
}
