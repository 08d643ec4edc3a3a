import type { Channel } from './channel/channel.js';
import type { ChannelRegistry } from './channel/channel-registry.js';
import type { SharedHistory } from './channel/shared-history.js';
import { createSnapshotReader, type Snapshot, type SnapshotReader, type SnapshotRequest } from './channel/snapshot.js';
import type { HubCounters } from './counters.js';
import type { Session } from './fan-out/session.js';
import { NoticeItem } from './fan-out/wire-format.js';
import type { Subscriptions } from './subscriptions.js';
import type { Turns } from './turns.js';
import type { WorkSlots } from './work-slots.js';

export interface SubscribeOptions extends SnapshotRequest {
  /**
   * At most one update in this many milliseconds: the newest value at the end of each interval. Undefined: every
   * publication. A value outside `minIntervalMs` to `maxIntervalMs` is moved to the nearest limit.
   */
  readonly intervalMs?: number;
}

/** Where each channel of a join begins, by channel name. */
export type JoinRequests = ReadonlyMap<string, SubscribeOptions>;
export type Snapshots = ReadonlyMap<string, Snapshot>;
/** The decision about the snapshots: follow the channels from here, begin again with other requests, or leave them. */
export type JoinDecision = 'join' | 'leave' | { readonly retry: JoinRequests };

export interface JoinOptions {
  /**
   * Wraps every call to the layer or its history from the moment it starts. Waiting for a turn or for a full socket has
   * no deadline. When it rejects, the join rejects too.
   */
  readonly inTime?: <T>(work: Promise<T>) => Promise<T>;
}

/** See `Hub.join`. */
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
  readonly turns: Pick<Turns, 'enter'>;
  readonly subscriptions: Subscriptions;
  readonly counters: HubCounters;
  isClosing(): boolean;
}

const withoutDeadline = <T>(work: Promise<T>): Promise<T> => work;

export const createJoin = ({ registry, history, slots, turns, subscriptions, counters, isClosing }: JoinHost): Join => {
  /** Acquires all channels or none, also when the caller stopped waiting. @throws what the layer throws. */
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
    /** For each channel that asked for missed publications: whether it recovered. */
    const isRecovered = new Map<string, boolean>();

    const hold = async (names: readonly string[]): Promise<void> => {
      const acquiring = acquire(names);
      try {
        for (const channel of await inTime(acquiring)) held.set(channel.name, channel);
      } catch (error) {
        // A channel that arrives too late is released when it arrives.
        acquiring.then(releaseAll, () => undefined);
        throw error;
      }
    };

    /** Returns undefined if some snapshots were incomplete and had to be read. */
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
      // Catching up waits for an unreachable history: it must not take a slot from others.
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
      // Sessions that joined earlier were notified when the channel became stale.
      const stale = joined.filter(({ channel }) => channel.isStale);
      session.sendItems(stale.map(({ channel }) => new NoticeItem({ kind: 'stale', channel: channel.name })));
    };

    try {
      // Opening a channel is work too: thousands of them that a client asks for together fill many turns.
      const opening = turns.enter();
      if (opening !== undefined) await opening;
      if (!isWanted()) return;
      await hold([...requests.keys()]);
      let asked = requests;
      let readers = readersOf(asked);
      let isItsTurn = false;
      while (isWanted()) {
        // A client must not be closed as slow because of the size of the data it asked for.
        if (session.isBlocked) {
          await session.writable();
          continue;
        }
        const turn: Promise<void> | undefined = isItsTurn ? undefined : turns.enter();
        isItsTurn = turn !== undefined;
        if (turn !== undefined) {
          await turn;
          continue;
        }
        // Do not await between the look that succeeds and `follow`: a publication in between would be missed.
        const snapshots = look(readers);
        if (snapshots instanceof Promise) {
          await snapshots;
          continue;
        }
        for (const [name, { recovered }] of snapshots) {
          if (asked.get(name)?.since !== undefined) isRecovered.set(name, recovered);
        }
        const decision = decide(snapshots);
        // The frames that `decide` sent may have closed the session.
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
