import type { Clock } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { Outgoing } from './outgoing-queue.js';

export interface SetAsideOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly logger: Logger;
  /** These messages may be tried again: all that waited of one group, oldest first. */
  readonly onDue: (waiting: readonly Outgoing[]) => void;
  /** The oldest message of a group was dropped to make room for newer ones. */
  readonly onDropped: (outgoing: Outgoing) => void;
}

/**
 * Groups that history rejects while it accepts all others. Each waits on its own and is tried again after growing
 * pauses, so that a damaged key affects one channel, not all.
 */
export interface SetAside {
  /** The reason by group, including groups that are being tried again. */
  reasons(): ReadonlyMap<string, string>;
  /** Number of messages that wait. */
  readonly size: number;
  isResting(group: string): boolean;
  /** History rejected the group: it pauses, with these messages before those that follow. */
  reject(group: string, messages: readonly Outgoing[], reason: string): void;
  /** Keeps a message of a group that pauses. */
  hold(outgoing: Outgoing): void;
  /** Drops what waits of a group, because a newer message of it was dropped elsewhere. Returns how many those were. */
  drop(group: string): number;
  /** History accepted messages of these groups. */
  succeeded(groups: Iterable<string>): void;
  /** Forgets all groups; returns the messages that waited. */
  clear(): readonly Outgoing[];
}

const firstPauseMs = 1_000;
const maxPauseMs = 30_000;
/** Messages of one group that may wait. */
const maxWaiting = 1_000;

interface Entry {
  reason: string;
  readonly since: number;
  pauseMs: number;
  waiting: Outgoing[];
  /** Undefined while the group is tried again. */
  cancel: (() => void) | undefined;
}

/** One trouble may reject every group: a line about each would be thousands. */
const logEveryMs = 60_000;

export const createSetAside = ({ clock, logger, onDue, onDropped }: SetAsideOptions): SetAside => {
  const entries = new Map<string, Entry>();
  const named = new Set<string>();
  let loggedAt = Number.NEGATIVE_INFINITY;

  const logRejected = (group: string, reason: string): void => {
    if (clock.monotonic() - loggedAt < logEveryMs) return;
    loggedAt = clock.monotonic();
    named.add(group);
    logger.error({ group, reason, groups: entries.size }, 'history rejects a group: it is set aside');
  };

  const logAccepted = (group: string, { since }: Entry): void => {
    if (!named.delete(group) && entries.size > 0) return;
    if (entries.size === 0) loggedAt = Number.NEGATIVE_INFINITY;
    const asideMs = Math.round(clock.monotonic() - since);
    logger.info({ group, asideMs, groups: entries.size }, 'history accepts the group again');
  };

  const tryAgain = (entry: Entry): void => {
    entry.cancel?.();
    entry.cancel = undefined;
    onDue(entry.waiting.splice(0));
  };

  const bound = (entry: Entry): void => {
    for (const dropped of entry.waiting.splice(0, entry.waiting.length - maxWaiting)) onDropped(dropped);
  };

  const rest = (entry: Entry): void => {
    entry.cancel = clock.after(entry.pauseMs, () => tryAgain(entry));
  };

  return {
    reasons: () => new Map([...entries].map(([group, { reason }]) => [group, reason])),
    get size() {
      let size = 0;
      for (const { waiting } of entries.values()) size += waiting.length;
      return size;
    },
    isResting: (group) => entries.get(group)?.cancel !== undefined,
    reject(group, messages, reason) {
      const known = entries.get(group);
      const pauseMs = known === undefined ? firstPauseMs : Math.min(known.pauseMs * 2, maxPauseMs);
      const since = known?.since ?? clock.monotonic();
      known?.cancel?.();
      const waiting = [...messages, ...(known?.waiting ?? [])];
      const entry: Entry = { reason, since, pauseMs, waiting, cancel: undefined };
      entries.set(group, entry);
      if (known === undefined) logRejected(group, reason);
      bound(entry);
      rest(entry);
    },
    hold(outgoing) {
      const entry = entries.get(outgoing.group);
      if (entry === undefined) return;
      entry.waiting.push(outgoing);
      bound(entry);
    },
    drop: (group) => entries.get(group)?.waiting.splice(0).length ?? 0,
    succeeded(groups) {
      if (entries.size === 0) return;
      let hasEnded = false;
      for (const group of groups) {
        const entry = entries.get(group);
        if (entry === undefined || entry.cancel !== undefined) continue;
        entries.delete(group);
        logAccepted(group, entry);
        hasEnded = true;
      }
      // What was mended for one group may be mended for all.
      if (hasEnded) for (const entry of [...entries.values()]) if (entry.cancel !== undefined) tryAgain(entry);
    },
    clear() {
      const waiting = [...entries.values()].flatMap((entry) => {
        entry.cancel?.();
        return entry.waiting;
      });
      entries.clear();
      named.clear();
      return waiting;
    },
  };
};
