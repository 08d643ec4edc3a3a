import type { History, Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import { type AppenderCounters, createAppender } from './appender.js';
import { createOutgoingQueue, type Outgoing } from './outgoing-queue.js';
import { createPassing, type PassingCounters } from './passing.js';
import { Fenced, newsOf, type Pending } from './pending.js';
import { createProgress, type Stall } from './progress.js';
import { createSetAside } from './set-aside.js';
import { createTakeover } from './takeover.js';

export interface PublisherOptions {
  readonly history: Pick<History, 'append' | 'newest'>;
  /** Sends to the group; history keeps nothing of it. */
  readonly send: (group: string, message: Message) => Promise<void>;
  readonly logger: Logger;
  /**
   * Messages kept while history cannot be reached. Beyond this number the oldest are dropped, and their groups begin a
   * new epoch.
   */
  readonly maxBuffered: number;
  /** How far back a standby's buffer reaches, so that it can continue where a leader stopped. */
  readonly standbyMs: number;
  /** A newer leader has published: this producer must stop. */
  readonly onFenced: () => void;
  readonly clock: Clock;
  readonly newEpoch: () => string;
  /**
   * Returns whether this producer holds the lease with this fence.
   * @default false: every newer fence counts as that of a newer leader
   */
  readonly holdsLease?: (fence: number) => Promise<boolean>;
}

export interface PublisherCounters extends AppenderCounters, PassingCounters {
  /** Messages dropped from a full buffer while history could not be reached. */
  readonly overflowed: number;
  readonly retries: number;
}

/**
 * Publishes in order, one batch at a time. A batch that fails is repeated until it succeeds; appends are idempotent, so
 * nothing is published twice.
 */
export interface Publisher {
  counters(): PublisherCounters;
  /** Messages that wait, including those of groups set aside. */
  readonly buffered: number;
  /** Groups that history rejects while it accepts others, with the reason. */
  setAside(): ReadonlyMap<string, string>;
  /** On a leader: set if nothing can be published. */
  readonly stalled: Stall | undefined;
  /** When something was last published, on the monotonic clock; if nothing was, when this producer began to lead. */
  readonly publishedAt: number | undefined;
  /** Queues a message. While this producer does not lead, the message waits until it does. */
  publish(group: string, message: Message): void;
  /**
   * Publishes a message that the next one of its group replaces: without a position, not kept in history, and after the
   * messages queued for the group. Of several that wait only the newest is sent; none is sent if a message with a
   * position was queued since, or while this producer does not lead.
   */
  pass(group: string, message: Message): void;
  /**
   * Leads from now on with this fence. Queued messages are published from where the previous leader stopped. A producer
   * that had nothing queued and was no standby does not continue the work of another.
   */
  lead(fence: number): void;
  standBy(): void;
  /**
   * Another producer leads as of now. It has published everything older than `standbyMs`, and this producer would
   * continue after it. Until this is called a standby keeps everything that fits.
   */
  leaderIsThere(): void;
  /**
   * Resolves when at most so many messages wait, by default half of the buffer: for what can wait, as some feeds and the
   * past do.
   */
  ready(waiting?: number): Promise<void>;
  /** Resolves when everything queued is published, or this producer no longer leads. */
  drained(): Promise<void>;
}

const maxBatch = 2_000;
const firstRetryMs = 20;
const maxRetryMs = 200;
const trimMs = 1_000;

export const createPublisher = (options: PublisherOptions): Publisher => {
  const { history, send, logger, maxBuffered, standbyMs, onFenced, clock, newEpoch } = options;
  const { holdsLease = async () => false } = options;
  const appender = createAppender({
    history,
    logger,
    clock,
    newEpoch,
    holdsLease,
    onRejected: (group, messages, reason) => aside.reject(group, withoutOvertaken(toOutgoing(group, messages)), reason),
  });
  let fence: number | undefined;
  /** The fence with which groups were taken over. */
  let term: number | undefined;
  const progress = createProgress({ clock, logger });
  const takeover = createTakeover({ appender, clock, standbyMs, onLost: progress.lost, logger });
  let leaderSeenAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let retries = 0;
  const passing = createPassing({ send, clock });
  let trimmedAt = Number.NEGATIVE_INFINITY;
  let waiters: { readonly below: number; readonly resolve: () => void }[] = [];

  /** Groups of which a message was dropped since the batch under way was taken. */
  const overtaken = new Set<string>();

  const queue = createOutgoingQueue(maxBuffered, ({ group, message }) => {
    takeover.dropped(group, message, fence !== undefined);
    overtaken.add(group);
    progress.count(aside.drop(group));
    if (fence === undefined) return;
    progress.lost(1);
    // Before a takeover it is unknown whether the message is lost: the previous leader may have published it.
    if (term === fence) appender.markLost(group);
  });
  const aside = createSetAside({
    clock,
    logger,
    onDue(waiting) {
      queue.putBack(waiting);
      void run();
    },
    onDropped({ group }) {
      progress.count(1);
      appender.markLost(group);
    },
  });

  const toOutgoing = (group: string, messages: readonly Message[]): Outgoing[] =>
    messages.map((message) => ({ group, message, receivedAt: clock.monotonic() }));

  /**
   * Without messages that are older than a dropped one of their group. They are dropped as well: a new epoch reports a
   * loss before its first message only, so that a hole behind them would be silent.
   */
  const withoutOvertaken = (older: readonly Outgoing[]): readonly Outgoing[] =>
    older.filter(({ group }) => {
      if (!overtaken.has(group)) return true;
      if (fence === undefined) takeover.droppedOlder(group);
      else progress.count(1);
      return false;
    });

  /** Runs once at a time: takes groups over if the fence is new, then publishes until nothing waits. */
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    while (fence !== undefined) {
      if (term !== fence) await beginTerm(fence);
      else if (queue.size > 0 || passing.size > 0) await publishSome(fence);
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

  const untilLeft = (below: number): Promise<void> => new Promise((resolve) => waiters.push({ below, resolve }));

  const beginTerm = async (leading: number): Promise<void> => {
    appender.beginTerm();
    takeover.beginTerm();
    if (takeover.isRequired) {
      if (!(await takeOver(queue.peek(), takeover.droppedGroups(), leading))) return;
      const fresh = new Set(takeover.filter(queue.peek()));
      queue.filter((outgoing) => fresh.has(outgoing));
    }
    term = leading;
  };

  const takeOver = (waiting: readonly Outgoing[], others: Iterable<string>, leading: number): Promise<boolean> =>
    untilDone(leading, () => takeover.attempt(waiting, others, leading));

  const publishSome = async (leading: number): Promise<void> => {
    // Only if one batch takes the whole queue: otherwise they could overtake messages queued before them.
    const toPass = queue.size <= maxBatch ? passing.waiting() : [];
    // Awaited, so that messages queued from now on do not overtake them.
    if (queue.size === 0 || (await publishBatch(leading))) await passing.send(toPass);
  };

  /** Returns false when this producer no longer leads with that fence. */
  const publishBatch = async (leading: number): Promise<boolean> => {
    overtaken.clear();
    const batch = queue.take(maxBatch).filter((outgoing) => {
      if (!aside.isResting(outgoing.group)) return true;
      aside.hold(outgoing);
      return false;
    });
    if (takeover.isRequired && !(await takeOver(batch, [], leading))) {
      queue.putBack(withoutOvertaken(batch));
      return false;
    }
    const due = withoutOvertaken(batch);
    const groups = new Set(due.map(({ group }) => group));
    let pending: Pending = appender.begin(takeover.filter(due));
    const isDone = await untilDone(leading, async () => {
      try {
        pending = await appender.attempt(pending, leading);
      } catch (error) {
        if (error instanceof Fenced) pending = error.left;
        throw error;
      }
      return pending.size === 0;
    });
    // The fence has changed: messages not appended wait for the next term, which finds out which those are.
    if (isDone) aside.succeeded(groups);
    else queue.putBack(withoutOvertaken([...pending].flatMap(([group, mine]) => toOutgoing(group, newsOf(mine)))));
    settle();
    return isDone;
  };

  /** Repeats an act until it returns true. Returns false when this producer no longer leads with that fence. */
  const untilDone = async (leading: number, act: () => Promise<boolean>): Promise<boolean> => {
    for (let retryMs = firstRetryMs; fence === leading; ) {
      try {
        const isDone = await act();
        progress.succeeded(appender.counters.published);
        if (isDone) return true;
        retryMs = firstRetryMs;
      } catch (error) {
        if (error instanceof Fenced) {
          becomeFenced(leading);
          return false;
        }
        progress.failed(error);
        retries += 1;
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
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
    progress.end();
    takeover.require();
    passing.clear();
    queue.putBack(aside.clear());
    settle();
  };

  const trim = (): void => {
    if (clock.monotonic() - trimmedAt < trimMs) return;
    trimmedAt = clock.monotonic();
    const oldest = leaderSeenAt - standbyMs;
    queue.filter(({ receivedAt, group, message }) => {
      if (receivedAt >= oldest) return true;
      // Published long ago, unless Redis goes back to before that.
      takeover.dropped(group, message);
      overtaken.add(group);
      return false;
    });
  };

  return {
    counters: () => ({ ...appender.counters, ...passing.counters, overflowed: progress.lostCount, retries }),
    get buffered() {
      return queue.size + aside.size;
    },
    setAside: aside.reasons,
    get stalled() {
      return progress.stalled;
    },
    get publishedAt() {
      return progress.publishedAt;
    },
    publish(group, message) {
      if (fence === undefined) takeover.require();
      passing.forget(group);
      queue.push({ group, message, receivedAt: clock.monotonic() });
      if (fence === undefined) trim();
      else void run();
    },
    pass(group, message) {
      if (fence === undefined) return;
      passing.put(group, message);
      void run();
    },
    lead(token) {
      // Between two terms of this producer another may have led.
      if (fence !== undefined) takeover.require();
      fence = token;
      takeover.elected();
      progress.begin();
      void run();
    },
    standBy,
    leaderIsThere() {
      takeover.require();
      takeover.leaderIsThere();
      leaderSeenAt = clock.monotonic();
    },
    ready: (waiting = maxBuffered / 2) => (queue.size <= waiting ? Promise.resolve() : untilLeft(waiting)),
    drained: () => ((queue.size === 0 && !isRunning) || fence === undefined ? Promise.resolve() : untilLeft(0)),
  };
};
