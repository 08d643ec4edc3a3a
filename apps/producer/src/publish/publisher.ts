import type { History, Message } from '@tickwire/channel-layer';
import type { Logger } from '@tickwire/runtime';
import { type AppenderCounters, createAppender, Fenced, outgoingOf, type Pending } from './appender.js';
import { createOutgoingQueue } from './outgoing-queue.js';
import { createResume, isMissing } from './resume.js';

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
  /**
   * From now on with this fence. What was queued goes out from behind what the leader before published; who had nothing
   * queued yet is not behind anybody.
   */
  lead(fence: number): void;
  standBy(): void;
  /** Another leads as of now: what is old enough it has published. Without this word a standby keeps all it can. */
  leaderIsThere(): void;
  /** Resolves when less than half of the buffer is used: for feeds that can wait. */
  ready(): Promise<void>;
  /** Resolves when all that is queued is published, or this no longer leads. */
  drained(): Promise<void>;
}

const maxBatch = 2_000;
const firstRetryMs = 20;
const maxRetryMs = 200;
const trimMs = 1_000;

export const createPublisher = (options: PublisherOptions): Publisher => {
  const { history, logger, maxBuffered, standbyMs, onFenced, now, newEpoch } = options;
  const appender = createAppender({ history, logger, now, newEpoch });
  let fence: number | undefined;
  /** The fence with which groups were taken over. */
  let term: number | undefined;
  /** Groups taken over in this term; undefined while this leads from the first moment. */
  let taken: Set<string> | undefined;
  /** By group, the newest that went out of a full buffer. */
  const dropped = new Map<string, Message>();
  let resume = createResume();
  let leaderSeenAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let overflowed = 0;
  let retries = 0;
  let trimmedAt = 0;
  let waiters: { readonly below: number; readonly resolve: () => void }[] = [];

  const queue = createOutgoingQueue(maxBuffered, ({ group, message }) => {
    dropped.set(group, message);
    if (fence === undefined) return;
    overflowed += 1;
    // Before a takeover nobody knows whether it is lost: the leader before may have published it.
    if (term === fence) appender.markLost(group);
  });

  /** One at a time: takes over where this fence is new, then publishes until nothing waits. */
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    while (fence !== undefined) {
      if (term !== fence) await beginTerm(fence);
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

  const beginTerm = async (leading: number): Promise<void> => {
    appender.beginTerm();
    resume = createResume();
    if (taken !== undefined) {
      taken.clear();
      if (!(await takeOver([...queue.groups(), ...dropped.keys()], leading))) return;
      const fresh = new Set(resume.filter(queue.peek()));
      queue.filter((outgoing) => fresh.has(outgoing));
    }
    term = leading;
  };

  /** Learns how far the leader before came with these groups, and keeps it from going on. */
  const takeOver = (groups: readonly string[], leading: number): Promise<boolean> =>
    untilDone(leading, async () => {
      const news = [...new Set(groups)].filter((group) => taken?.has(group) === false);
      const newest = await appender.claim(news, leading);
      if (newest === undefined) return false;
      for (const group of news) {
        taken?.add(group);
        const last = newest.get(group);
        const gone = dropped.get(group);
        if (last?.isOwn === false) resume.follow(group, last.message);
        if (gone !== undefined && (last === undefined || isMissing(gone, last.message))) appender.markLost(group);
        dropped.delete(group);
      }
      return true;
    });

  const publishSome = async (leading: number): Promise<void> => {
    const batch = queue.take(maxBatch);
    const groups = batch.map(({ group }) => group);
    if (taken !== undefined && !(await takeOver(groups, leading))) return queue.putBack(batch);
    let pending: Pending = appender.begin(resume.filter(batch));
    const isDone = await untilDone(leading, async () => {
      try {
        pending = await appender.attempt(pending, leading);
      } catch (error) {
        if (error instanceof Fenced) pending = error.left;
        throw error;
      }
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
    taken ??= new Set();
    settle();
  };

  const trim = (): void => {
    if (now() - trimmedAt < trimMs) return;
    trimmedAt = now();
    const oldest = leaderSeenAt - standbyMs;
    queue.filter(({ receivedAt }) => receivedAt >= oldest);
  };

  return {
    counters: () => ({ ...appender.counters, overflowed, retries }),
    get buffered() {
      return queue.size;
    },
    publish(group, message) {
      if (fence === undefined) taken ??= new Set();
      queue.push({ group, message, receivedAt: now() });
      if (fence === undefined) trim();
      else void run();
    },
    lead(token) {
      // Between two terms of one's own another may have led.
      if (fence !== undefined) taken ??= new Set();
      fence = token;
      void run();
    },
    standBy,
    leaderIsThere() {
      leaderSeenAt = now();
    },
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
