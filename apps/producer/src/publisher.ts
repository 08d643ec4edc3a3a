import type { History, Message } from '@tickwire/channel-layer';
import type { Logger } from '@tickwire/runtime';
import { type AppenderCounters, createAppender, Fenced, outgoingOf, type Pending } from './appender.js';
import { createOutgoingQueue } from './outgoing-queue.js';
import { unpublished } from './resume.js';

export interface PublisherOptions {
  readonly history: Pick<History, 'append' | 'newest'>;
  readonly logger: Logger;
  /** Messages kept while history is out of reach. Beyond it the oldest go, and their groups begin a new epoch. */
  readonly maxBuffered: number;
  /** How far back a standby's buffer reaches, so that it can go on where a leader stopped. */
  readonly standbyMs: number;
  /** A newer leader has published: this one must stop. */
  readonly onFenced: () => void;
  readonly now: () => number;
  readonly newEpoch: () => string;
}

export interface PublisherCounters extends AppenderCounters {
  /** Went out of a full buffer while history was out of reach. */
  readonly overflowed: number;
  readonly retries: number;
}

/**
 * Publishes in order, one batch at a time. A batch that fails is repeated until it succeeds; appending is idempotent,
 * so nothing is published twice.
 */
export interface Publisher {
  counters(): PublisherCounters;
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
const trimMs = 1_000;

export const createPublisher = (options: PublisherOptions): Publisher => {
  const { history, logger, maxBuffered, standbyMs, onFenced, now, newEpoch } = options;
  const appender = createAppender({ history, logger, now, newEpoch });
  let fence: number | undefined;
  /** The fence with which groups were taken over. */
  let term: number | undefined;
  let isRunning = false;
  let overflowed = 0;
  let retries = 0;
  let trimmedAt = 0;
  let waiters: { readonly below: number; readonly resolve: () => void }[] = [];

  const queue = createOutgoingQueue(maxBuffered, ({ group }) => {
    // A standby's buffer is bounded too, but what it drops its leader has published.
    if (fence === undefined) return;
    overflowed += 1;
    appender.markLost(group);
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

  /** Drops from the queue what the leader before published. */
  const takeOver = async (leading: number): Promise<void> => {
    const isDone = await untilDone(leading, async () => {
      const newest = await appender.claim(queue.groups(), leading);
      if (newest === undefined) return false;
      const fresh = unpublished(queue.peek(), newest);
      queue.filter((outgoing) => fresh.has(outgoing));
      return true;
    });
    if (isDone) term = leading;
  };

  const publishSome = async (leading: number): Promise<void> => {
    let pending: Pending = appender.begin(queue.take(maxBatch));
    const isDone = await untilDone(leading, async () => {
      pending = await appender.attempt(pending, leading);
      return pending.size === 0;
    });
    // No longer with this fence: what was not appended waits for the next term, which learns what was.
    if (!isDone) queue.putBack(outgoingOf(pending, now()));
    settle();
  };

  /** Repeats an act until it returns true; false when this no longer leads with that fence. */
  const untilDone = async (leading: number, act: () => Promise<boolean>): Promise<boolean> => {
    for (let retryMs = firstRetryMs; fence === leading; ) {
      try {
        if (await act()) return true;
        retryMs = firstRetryMs;
      } catch (error) {
        if (error instanceof Fenced) {
          becomeFenced(leading);
          return false;
        }
        if (retryMs === firstRetryMs) logger.warn({ err: error }, 'history out of reach: publishing waits');
        retries += 1;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        retryMs = Math.min(retryMs * 2, maxRetryMs);
      }
    }
    return false;
  };

  const becomeFenced = (leading: number): void => {
    if (fence !== leading) return;
    logger.warn({ fence }, 'a newer leader publishes: standing by');
    standBy();
    onFenced();
  };

  const standBy = (): void => {
    fence = undefined;
    term = undefined;
    settle();
  };

  const trim = (): void => {
    if (now() - trimmedAt < trimMs) return;
    trimmedAt = now();
    const oldest = now() - standbyMs;
    queue.filter(({ receivedAt }) => receivedAt >= oldest);
  };

  return {
    counters: () => ({ ...appender.counters, overflowed, retries }),
    get buffered() {
      return queue.size;
    },
    publish(group, message) {
      queue.push({ group, message, receivedAt: now() });
      if (fence === undefined) trim();
      else void run();
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
