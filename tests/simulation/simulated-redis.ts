import {
  type AppendResult,
  createMemoryHistory,
  type GroupBatch,
  type History,
  type HistoryRange,
  type Message,
  RedisUnavailable,
} from '@tickwire/channel-layer';
import type { VirtualTime } from './virtual-time.js';

/** A connection of a subscriber, as the server sees it. */
export interface Subscriber {
  readonly groups: ReadonlySet<string>;
  deliver(group: string, message: Message): void;
}

/** What happens in the server, in order. */
export interface RedisObserver {
  /** A message is in history, and on its way to whoever listens. */
  appended(group: string, message: Message, fence: number): void;
  /** What history held of a group, or of all of them, is gone, or may be written differently from now on. */
  damaged(group: string | undefined): void;
}

export interface SimulatedRedisOptions {
  readonly time: VirtualTime;
  readonly observer: RedisObserver;
  /** Messages kept of a group. */
  readonly historySize: number;
}

interface HeldLease {
  readonly id: string;
  readonly token: number;
  expiresAt: number;
}

const historyTtlMs = 3_600_000;
/** Everything that was written, oldest first: replayed, it makes a replica or an older copy of the data. */
type Journal = (() => void)[];

/**
 * A Redis as the scripts of the layer see it: the memory history a group, which keeps the rules of `append.lua`, a lease, and
 * pub/sub. Each call is one step. Its data can be lost, to the end or from some moment on.
 */
export interface SimulatedRedis {
  /** Nobody can connect. */
  isDown: boolean;
  /** It is a replica now, and says so. */
  isReadOnly: boolean;
  /** It is at `maxmemory`. */
  isFull: boolean;
  /** Answers nothing before, and then everything that was asked. */
  hungUntil: number;
  /** Groups whose keys hold something else. */
  readonly foreign: Set<string>;
  readonly subscribers: Set<Subscriber>;
  append(batches: readonly GroupBatch[], fence: number): Promise<readonly AppendResult[]>;
  read(group: string, range: { readonly afterSeq: number; readonly limit: number }): Promise<HistoryRange>;
  newest(groups: readonly string[], count: number): Promise<readonly HistoryRange[]>;
  acquire(id: string, leaseMs: number): number | undefined;
  release(id: string): void;
  holder(): { readonly owner: string; readonly token: number } | undefined;
  publish(group: string, message: Message): void;
  /** The newest so many writes never happened. */
  forgetNewest(writes: number): void;
  writes(): number;
  flush(): void;
  /** The messages of a group are gone, or all it has. */
  evict(group: string, what: 'messages' | 'everything'): void;
}

/** Made thousands of times, and nobody asks where: the stack would be most of what it costs. */
export const unavailable = (reason: string): RedisUnavailable => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new RedisUnavailable(reason);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
};

export const createSimulatedRedis = ({ time, observer, historySize }: SimulatedRedisOptions): SimulatedRedis => {
  const subscribers = new Set<Subscriber>();
  const foreign = new Set<string>();
  const stores = new Map<string, History>();
  /** How much further the clock of a group is than the others, so that its messages have expired. */
  const agedMs = new Map<string, number>();
  let journal: Journal = [];
  let lease: HeldLease | undefined;
  let lastToken = 0;
  let writing: { readonly fence: number } | undefined;

  const storeOf = (group: string): History => {
    const known = stores.get(group);
    if (known !== undefined) return known;
    const store = createMemoryHistory({
      historySize,
      historyTtlMs,
      now: () => time.now() + (agedMs.get(group) ?? 0),
      publish(name, message) {
        if (writing === undefined) return;
        observer.appended(name, message, writing.fence);
        publish(name, message);
      },
    });
    stores.set(group, store);
    return store;
  };

  const publish = (group: string, message: Message): void => {
    for (const subscriber of subscribers) if (subscriber.groups.has(group)) subscriber.deliver(group, message);
  };

  /** Carries out a write, and again wherever the data is built anew. */
  const write = <T>(act: () => T): T => {
    journal.push(act);
    return act();
  };

  const forget = (): void => {
    stores.clear();
    agedMs.clear();
    lease = undefined;
    lastToken = 0;
  };

  const liveLease = (): HeldLease | undefined =>
    lease !== undefined && lease.expiresAt > time.now() ? lease : undefined;

  const assertWritable = (): void => {
    if (redis.isReadOnly) throw unavailable("READONLY You can't write against a read only replica.");
    if (redis.isFull) throw unavailable("OOM command not allowed when used memory > 'maxmemory'.");
  };

  const redis: SimulatedRedis = {
    isDown: false,
    isReadOnly: false,
    isFull: false,
    hungUntil: 0,
    foreign,
    subscribers,

    async append(batches, fence) {
      assertWritable();
      writing = { fence };
      const results = batches.map((batch): Promise<AppendResult> | AppendResult => {
        if (foreign.has(batch.group)) return { group: batch.group, outcome: 'rejected', reason: 'WRONGTYPE' };
        const done = write(() => storeOf(batch.group).append([batch], fence));
        return done.then(([result]) => result as AppendResult);
      });
      writing = undefined;
      return await Promise.all(results);
    },
    read: (group, range) => storeOf(group).read(group, range),
    async newest(groups, count) {
      const ranges = await Promise.all(groups.map((group) => storeOf(group).newest([group], count)));
      return ranges.flat();
    },

    acquire(id, leaseMs) {
      const held = liveLease();
      if (held !== undefined && held.id !== id) return undefined;
      // A renewal needs no memory.
      if (held === undefined || redis.isReadOnly) assertWritable();
      const token = held?.token ?? Math.max(lastToken + 1, Math.floor(time.now()) + 1);
      const expiresAt = time.now() + leaseMs;
      write(() => {
        lease = { id, token, expiresAt };
        lastToken = Math.max(lastToken, token);
      });
      return token;
    },
    release(id) {
      if (liveLease()?.id !== id) return;
      write(() => {
        lease = undefined;
      });
    },
    holder() {
      const held = liveLease();
      return held && { owner: held.id, token: held.token };
    },
    publish,

    forgetNewest(writes) {
      const kept = journal.slice(0, Math.max(0, journal.length - writes));
      forget();
      journal = kept;
      for (const act of kept) act();
      observer.damaged(undefined);
    },
    writes: () => journal.length,
    flush() {
      forget();
      journal = [];
      observer.damaged(undefined);
    },
    evict(group, what) {
      write(() => {
        if (what === 'everything') stores.delete(group);
        else agedMs.set(group, (agedMs.get(group) ?? 0) + historyTtlMs);
      });
      observer.damaged(group);
    },
  };
  return redis;
};
