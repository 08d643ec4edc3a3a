import type { Channel } from './channel/channel.js';
import type { ChannelRegistry } from './channel/channel-registry.js';
import type { SharedHistory } from './channel/shared-history.js';
import { createSnapshotReader, type Snapshot, type SnapshotReader, type SnapshotRequest } from './channel/snapshot.js';
import type { HubCounters } from './counters.js';
import type { Session } from './fan-out/session.js';
import { NoticeItem } from './fan-out/wire-format.js';
import type { Subscriptions } from './subscriptions.js';
import type { WorkSlots } from './work-slots.js';

export interface SubscribeOptions extends SnapshotRequest {
  /**
   * At most one update per so many milliseconds, and the newest value at the end of each; every publication without
   * it. Beyond `minIntervalMs` and `maxIntervalMs` it is taken as these.
   */
  readonly intervalMs?: number;
}

/** How each channel of a join begins, by its name. */
export type JoinRequests = ReadonlyMap<string, SubscribeOptions>;
export type Snapshots = ReadonlyMap<string, Snapshot>;
/** What is made of the snapshots: to follow the channels from here, to begin anew with other requests, or to let it be. */
export type JoinDecision = 'join' | 'leave' | { readonly retry: JoinRequests };

export interface JoinOptions {
  /**
   * Wrapped around whatever is asked of the layer or its history, from the moment it is asked: what waits for its turn,
   * or for a full socket, has no deadline yet. Where it rejects, so does the join.
   */
  readonly inTime?: <T>(work: Promise<T>) => Promise<T>;
}

/** As `Hub.join`. */
export type Join = (
  session: Session,
  requests: JoinRequests,
  decide: (snapshots: Snapshots) => JoinDecision,
  options?: JoinOptions,
) => Promise<void>;

export interface JoinHost {
  readonly registry: Pick<ChannelRegistry, 'acquire' | 'release'>;
  readonly history: Pick<SharedHistory, 'read'>;
  readonly slots: Pick<WorkSlots, 'run'>;
  readonly subscriptions: Subscriptions;
  readonly counters: HubCounters;
  isClosing(): boolean;
}

const withoutDeadline = <T>(work: Promise<T>): Promise<T> => work;

export const createJoin = ({ registry, history, slots, subscriptions, counters, isClosing }: JoinHost): Join => {
  /** All of them or none, also where somebody stopped waiting for it. @throws what the layer throws. */
  const acquire = async (names: readonly string[]): Promise<readonly Channel[]> => {
    const results = await Promise.allSettled(names.map((name) => registry.acquire(name)));
    const acquired = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return acquired;
    for (const channel of acquired) registry.release(channel);
    throw failed.reason;
  };

  const releaseAll = (channels: Iterable<Channel>): void => {
    for (const channel of channels) registry.release(channel);
  };

  return async (session, requests, decide, { inTime = withoutDeadline } = {}) => {
    if (session.isClosed || isClosing()) return;
    const pending = subscriptions.begin(session, new Set(requests.keys()));
    const isWanted = (): boolean => !pending.isCancelled && !session.isClosed && !isClosing();
    const held = new Map<string, Channel>();
    /** For each channel that asked for what it missed. */
    const isRecovered = new Map<string, boolean>();

    const hold = async (names: readonly string[]): Promise<void> => {
      const acquiring = acquire(names);
      try {
        for (const channel of await inTime(acquiring)) held.set(channel.name, channel);
      } catch (error) {
        // What comes too late is given back when it comes.
        acquiring.then(releaseAll, () => undefined);
        throw error;
      }
    };

    /** Undefined where some of it is still to come, and was read meanwhile. */
    const look = (readers: ReadonlyMap<string, SnapshotReader>): Snapshots | Promise<unknown> => {
      const snapshots = new Map<string, Snapshot>();
      const unread: SnapshotReader[] = [];
      const ahead: SnapshotReader[] = [];
      for (const [name, reader] of readers) {
        const taken = reader.take();
        if (taken === 'unread') unread.push(reader);
        else if (taken === 'ahead') ahead.push(reader);
        else snapshots.set(name, taken);
      }
      // Catching up waits for a history out of reach: it takes no slot from others.
      if (ahead.length > 0) return inTime(Promise.all(ahead.map((reader) => reader.catchUp())));
      if (unread.length === 0) return snapshots;
      return slots.run(async () => {
        if (isWanted()) await inTime(Promise.all(unread.map((reader) => reader.read())));
      });
    };

    const readersOf = (asked: JoinRequests): ReadonlyMap<string, SnapshotReader> => {
      const readers = new Map<string, SnapshotReader>();
      for (const [name, request] of asked) {
        const channel = held.get(name);
        if (channel !== undefined) readers.set(name, createSnapshotReader(channel, history, request));
      }
      return readers;
    };

    const follow = (asked: JoinRequests): void => {
      const joined = [...asked].flatMap(([name, { intervalMs }]) => {
        const channel = held.get(name);
        held.delete(name);
        return channel === undefined ? [] : [{ channel, stream: channel.stream(intervalMs) }];
      });
      subscriptions.follow(session, joined);
      // Those who came before were told when it began.
      const stale = joined.filter(({ channel }) => channel.isStale);
      session.sendItems(stale.map(({ channel }) => new NoticeItem({ kind: 'stale', channel: channel.name })));
    };

    try {
      await hold([...requests.keys()]);
      let asked = requests;
      let readers = readersOf(asked);
      while (isWanted()) {
        // A client is not to be closed as slow for the size of what it came for.
        if (session.isBlocked) {
          await session.writable();
          continue;
        }
        // Nothing may be awaited between the look that succeeds and `follow`: a publication would fall into the seam.
        const snapshots = look(readers);
        if (snapshots instanceof Promise) {
          await snapshots;
          continue;
        }
        for (const [name, { recovered }] of snapshots) {
          if (asked.get(name)?.since !== undefined) isRecovered.set(name, recovered);
        }
        const decision = decide(snapshots);
        // What it sent may have closed the session.
        if (decision === 'leave' || !isWanted()) return;
        if (decision === 'join') return follow(asked);
        asked = decision.retry;
        readers = readersOf(asked);
      }
    } finally {
      for (const recovered of isRecovered.values()) counters[recovered ? 'recovered' : 'unrecovered'] += 1;
      subscriptions.end(session, pending);
      releaseAll(held.values());
    }
  };
};
