import type { AppendResult, GroupBatch, History, Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import { createOutgoingQueue, type Outgoing } from './outgoing-queue.js';
import { createRecentLog } from './recent-log.js';
import { unpublished } from './resume.js';

export interface PublisherOptions {
  readonly history: Pick<History, 'append' | 'newest'>;
  readonly logger: Logger;
  /** Messages kept while history is out of reach. Beyond it the oldest go, and their groups begin a new epoch. */
  readonly maxBuffered: number;
  /** What a standby keeps, so that it can go on where a leader stopped. */
  readonly standbyMs: number;
  /** A newer leader has published: this one must stop. */
  readonly onFenced: () => void;
  readonly now: () => number;
  readonly newEpoch: () => string;
}

export interface PublisherCounters {
  published: number;
  /** Went out of a full buffer while history was out of reach. */
  overflowed: number;
  retries: number;
  /** Epochs begun because history was lost. */
  epochs: number;
  /** Published once more into a history that had lost its end. */
  republished: number;
}

/**
 * Gives messages their positions and appends them, one batch at a time, in order. A batch that fails is repeated as it
 * was until it succeeds; appending is idempotent, so nothing is published twice.
 */
export interface Publisher {
  readonly counters: Readonly<PublisherCounters>;
  readonly buffered: number;
  /** Queues; while not leading they wait for the day it leads. */
  publish(group: string, message: Message): void;
  /** From now on with this fence. What was queued goes out from behind what the leader before published. */
  lead(fence: number): void;
  standBy(): void;
  /** Resolves when less than half of the buffer is used: for feeds that can wait. */
  ready(): Promise<void>;
  /** Resolves when all that is queued is published, or this no longer leads. */
  drained(): Promise<void>;
}

const maxBatch = 2_000;
const firstRetryMs = 20;
const maxRetryMs = 500;

export const createPublisher = (options: PublisherOptions): Publisher => {
  const { history, logger, maxBuffered, standbyMs, onFenced, now, newEpoch } = options;
  const counters: PublisherCounters = { published: 0, overflowed: 0, retries: 0, epochs: 0, republished: 0 };
  const recent = createRecentLog();
  /** Of the newest publication of each group; seq 0 before the first of an epoch. */
  let positions = new Map<string, Position>();
  /** Groups that lost messages here: their next batch begins an epoch, which is how readers are told. */
  const broken = new Set<string>();
  let fence: number | undefined;
  /** The fence positions were learnt for. */
  let term: number | undefined;
  let isRunning = false;
  let waiters: { readonly below: number; readonly resolve: () => void }[] = [];

  const queue = createOutgoingQueue(maxBuffered, ({ group }) => {
    if (fence === undefined) return;
    counters.overflowed += 1;
    broken.add(group);
  });

  /** One at a time: takes over where this fence is new, then publishes until nothing waits. */
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    while (fence !== undefined) {
      if (term !== fence) await takeOver(fence);
      else if (queue.size > 0) await publishSome(fence);
      else break;
    }
    isRunning = false;
    settle();
  };

  const settle = (): void => {
    const done = waiters.filter(({ below }) => queue.size <= below || fence === undefined);
    waiters = waiters.filter((waiter) => !done.includes(waiter));
    for (const { resolve } of done) resolve();
  };

  const publishSome = async (leading: number): Promise<void> => {
    const batch = queue.take(maxBatch);
    let pending = new Map<string, PendingGroup>();
    const isDone = await untilDone(leading, async () => {
      await learnPositions(batch);
      if (pending.size === 0) pending = byGroup(batch);
      pending = absorb(await history.append(toBatches(pending), leading), pending);
      return pending.size === 0;
    });
    // No longer with this fence: what was not appended waits for the next term, which knows what was.
    if (!isDone) queue.putBack(pending.size === 0 ? batch : leftOf(pending));
    settle();
  };

  /** Repeats an act until it returns true; false when this no longer leads with that fence. */
  const untilDone = async (leading: number, act: () => Promise<boolean>): Promise<boolean> => {
    for (let retryMs = firstRetryMs; fence === leading; ) {
      try {
        if (await act()) return true;
        retryMs = firstRetryMs;
      } catch (error) {
        if (retryMs === firstRetryMs) logger.warn({ err: error }, 'history out of reach: publishing waits');
        counters.retries += 1;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        retryMs = Math.min(retryMs * 2, maxRetryMs);
      }
    }
    return false;
  };

  const learnPositions = async (batch: readonly Outgoing[]): Promise<void> => {
    const groups = [...new Set(batch.map((outgoing) => outgoing.group))].filter((name) => !positions.has(name));
    if (groups.length === 0) return;
    for (const range of await history.newest(groups, 0)) {
      positions.set(range.group, range.position ?? beginEpoch(range.group));
    }
  };

  const beginEpoch = (name: string): Position => {
    counters.epochs += 1;
    const position = { epoch: newEpoch(), seq: 0 };
    positions.set(name, position);
    return position;
  };

  const byGroup = (batch: readonly Outgoing[]): Map<string, PendingGroup> => {
    const groups = new Map<string, PendingGroup>();
    for (const { group: name, message } of batch) {
      const pending = groups.get(name) ?? { messages: [], reset: broken.delete(name) };
      groups.set(name, pending);
      pending.messages.push(message);
    }
    for (const [name, { reset }] of groups) if (reset) beginEpoch(name);
    return groups;
  };

  const toBatches = (groups: ReadonlyMap<string, PendingGroup>): GroupBatch[] => {
    const pts = now();
    return [...groups].map(([name, { messages, reset }]) => {
      const { epoch, seq } = positions.get(name) ?? beginEpoch(name);
      const placed = messages.map((message, index) => ({ ...message, pts, seq: seq + 1 + index, epoch }));
      return { group: name, epoch, firstSeq: seq + 1, messages: placed, ...(reset && { reset }) };
    });
  };

  /** What is still to be appended after these results. */
  const absorb = (results: readonly AppendResult[], groups: Map<string, PendingGroup>): Map<string, PendingGroup> => {
    const left = new Map<string, PendingGroup>();
    for (const result of results) {
      const pending = groups.get(result.group);
      if (pending === undefined) continue;
      switch (result.outcome) {
        case 'appended':
          counters.published += pending.messages.length;
          recent.add(result.group, pending.messages, result.position, now());
          positions.set(result.group, result.position);
          break;
        case 'fenced':
          if (fence !== undefined) {
            logger.warn({ fence: result.fence }, 'a newer leader publishes: standing by');
            standBy();
            onFenced();
          }
          left.set(result.group, pending);
          break;
        case 'mismatch':
          left.set(result.group, reconcile(result.group, pending, result.position));
          break;
      }
    }
    return left;
  };

  /** History is not where it was left: a Redis came back without its end, or without anything. */
  const reconcile = (name: string, pending: PendingGroup, stored: Position | null): PendingGroup => {
    const known = positions.get(name);
    const missing = stored && known?.epoch === stored.epoch ? recent.after(name, stored) : undefined;
    if (stored !== null && missing !== undefined) {
      counters.republished += missing.length;
      positions.set(name, stored);
      logger.warn({ group: name, stored, missing: missing.length }, 'history lost its end: publishing it once more');
      return { messages: [...missing, ...pending.messages], reset: false };
    }
    logger.warn({ group: name, stored, known }, 'history lost: beginning a new epoch');
    beginEpoch(name);
    return { messages: pending.messages, reset: true };
  };

  const standBy = (): void => {
    fence = undefined;
    term = undefined;
    settle();
  };

  /** A standby's buffer reaches back as far as a leader may have been silent before it was noticed. */
  const trim = (): void => {
    const oldest = now() - standbyMs;
    queue.filter(({ message }) => Number(message['rts'] ?? 0) >= oldest);
  };
  let trimmedAt = 0;

  /** Learns where the leader before stopped, and drops from the queue what that one published. */
  const takeOver = async (leading: number): Promise<void> => {
    positions = new Map();
    broken.clear();
    const groups = queue.groups();
    const isDone = await untilDone(leading, async () => {
      const newest = new Map<string, Message>();
      for (const range of await history.newest(groups, 1)) {
        const last = range.messages[0];
        if (last !== undefined) newest.set(range.group, last);
        if (range.position !== null) positions.set(range.group, range.position);
      }
      const fresh = unpublished(queue.peek(), newest);
      queue.filter((outgoing) => fresh.has(outgoing));
      return true;
    });
    if (isDone) term = leading;
  };

  return {
    counters,
    get buffered() {
      return queue.size;
    },
    publish(name, message) {
      queue.push({ group: name, message });
      if (fence !== undefined) {
        void run();
        return;
      }
      if (now() - trimmedAt < 1_000) return;
      trimmedAt = now();
      trim();
    },
    lead(token) {
      fence = token;
      void run();
    },
    standBy,
    ready() {
      if (queue.size <= maxBuffered / 2) return Promise.resolve();
      return new Promise((resolve) => waiters.push({ below: maxBuffered / 2, resolve }));
    },
    drained() {
      if ((queue.size === 0 && !isRunning) || fence === undefined) return Promise.resolve();
      return new Promise((resolve) => waiters.push({ below: 0, resolve }));
    },
  };
};

const leftOf = (groups: ReadonlyMap<string, PendingGroup>): Outgoing[] =>
  [...groups].flatMap(([group, { messages }]) => messages.map((message) => ({ group, message })));

interface PendingGroup {
  readonly messages: Message[];
  readonly reset: boolean;
}
