import { type AppendResult, type GroupBatch, type History, type Message, RedisRefused } from '@tickwire/channel-layer';
import type { Clock, Position } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import { appendEach } from './append-each.js';
import { createGroupEnds } from './group-ends.js';
import { createLossLog } from './loss-log.js';
import type { Outgoing } from './outgoing-queue.js';
import { Fenced, isUnpublishable, newsOf, type Pending, type PendingGroup } from './pending.js';

/** The end of a group. */
export interface Newest {
  /** Undefined if history no longer holds the message: then it is not known what was published. */
  readonly message: Message | undefined;
  /** This process published it, and nobody has written behind it. */
  readonly isOwn: boolean;
}

export interface AppenderOptions {
  readonly history: Pick<History, 'append' | 'newest'>;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'wall' | 'monotonic'>;
  readonly newEpoch: () => string;
  /**
   * Returns whether this producer holds the lease with this fence. If it does, a group with a newer fence is damaged:
   * no other producer leads.
   */
  readonly holdsLease: (fence: number) => Promise<boolean>;
  /** History rejects messages of this group for now, but accepts those of other groups. */
  readonly onRejected: (group: string, messages: readonly Message[], reason: string) => void;
}

export interface AppenderCounters {
  published: number;
  /** Messages given up because no history accepts them. */
  refused: number;
  /** Epochs begun: the first of a group, or one after history was lost. */
  epochs: number;
  /** Messages published once more because history had lost its end. */
  republished: number;
}

/**
 * Tracks the position of each group, gives messages their positions, and continues from whatever it finds in history.
 * Errors other than `Fenced` may be temporary: the same call can be repeated and publishes nothing twice.
 */
export interface Appender {
  readonly counters: Readonly<AppenderCounters>;
  /** Begins with a new fence: the positions of groups, and marks of lost messages, are forgotten. */
  beginTerm(): void;
  /**
   * Takes the groups over: afterwards no older leader can append to them. Returns the end of each group that has a
   * publication, or undefined if a group moved meanwhile and the call must be repeated.
   */
  claim(groups: readonly string[], fence: number): Promise<ReadonlyMap<string, Newest> | undefined>;
  begin(batch: readonly Outgoing[]): Pending;
  /** Appends and publishes once. Returns the messages to try again; empty when all are published. */
  attempt(pending: Pending, fence: number): Promise<Pending>;
  /**
   * Records that messages of this group were lost before they got here: its next batch begins an epoch, which notifies
   * its readers.
   */
  markLost(group: string): void;
}

export const createAppender = (options: AppenderOptions): Appender => {
  const { history, logger, clock, newEpoch, holdsLease, onRejected } = options;
  const givingUp = createStateLog({
    logger,
    trouble: 'messages are given up: they cannot be published',
    now: clock.monotonic,
  });
  const lostAll = createLossLog({ logger, clock, text: 'history lost: beginning a new epoch' });
  const lostEnd = createLossLog({ logger, clock, text: 'history lost its end: publishing it once more' });
  const counters: AppenderCounters = { published: 0, refused: 0, epochs: 0, republished: 0 };
  const ends = createGroupEnds();
  const broken = new Set<string>();
  /** Position of the newest publication of each group; `seq` is 0 before the first of an epoch. */
  let positions = new Map<string, Position>();
  /** @param lost the position up to which history should have reached, as far as this process knows. */
  const beginEpoch = (group: string, lost?: Position, stored: Position | null = null): Position => {
    if (lost !== undefined) lostAll.lost({ group, stored, known: { epoch: lost.epoch, seq: lost.seq } });
    counters.epochs += 1;
    const position = { epoch: newEpoch(), seq: 0 };
    positions.set(group, position);
    return position;
  };

  const learnPositions = async (pending: Pending): Promise<void> => {
    const unknown = [...pending.keys()].filter((group) => !positions.has(group));
    if (unknown.length > 0) {
      for (const { group, position } of await history.newest(unknown, 0)) {
        if (position === null) beginEpoch(group, ends.own(group));
        else positions.set(group, position);
      }
    }
  };

  const toBatches = (pending: Pending): GroupBatch[] =>
    [...pending].map(([group, { messages, reset }]) => {
      const { epoch, seq } = positions.get(group) ?? beginEpoch(group);
      const placed = messages.map((message, index) => ({ ...message, seq: seq + 1 + index, epoch }));
      return { group, epoch, firstSeq: seq + 1, messages: placed, ...(reset && { reset }) };
    });

  const absorb = async (results: readonly AppendResult[], pending: Pending, fence: number): Promise<Pending> => {
    const left = new Map<string, PendingGroup>();
    const rejected = new Map<string, string>();
    let isFenced = false;
    for (const result of results) {
      const { group } = result;
      const mine = pending.get(group);
      if (mine === undefined) continue;
      if (result.outcome === 'fenced' || result.outcome === 'rejected') {
        left.set(group, mine);
        isFenced ||= result.outcome === 'fenced';
        rejected.set(group, result.outcome === 'fenced' ? `it has a writer with fence ${result.fence}` : result.reason);
        continue;
      }
      if (result.outcome === 'mismatch') {
        left.set(group, reconcile(group, mine, result.position));
        continue;
      }
      counters.published += mine.messages.length;
      ends.appended(group, mine.messages, result.position, clock.monotonic());
      positions.set(group, result.position);
    }
    // Only after all results are recorded: a group that was appended in the same batch must not be appended again.
    if (isFenced && (await isOvertaken(fence))) throw new Fenced('a newer leader publishes', left);
    setAside(left, rejected);
    return left;
  };

  const setAside = (left: Map<string, PendingGroup>, rejected: ReadonlyMap<string, string>): void => {
    for (const [group, reason] of rejected) {
      const mine = left.get(group);
      if (mine === undefined) continue;
      left.delete(group);
      if (mine.reset) broken.add(group);
      onRejected(group, newsOf(mine), reason);
    }
  };

  /**
   * If the lease cannot be reached, this is unknown. A late leader is then still kept out, one group after the other.
   */
  const isOvertaken = (fence: number): Promise<boolean> =>
    holdsLease(fence).then(
      (isHeld) => !isHeld,
      () => false,
    );

  /** History is not where this producer left it: Redis came back without its end, or empty. */
  const reconcile = (group: string, pending: PendingGroup, stored: Position | null): PendingGroup => {
    const known = positions.get(group);
    const news = newsOf(pending);
    const missing = stored !== null && known?.epoch === stored.epoch ? ends.missingAfter(group, stored) : undefined;
    // If it reaches less far than the group's known position, another leader published the rest.
    if (stored !== null && missing !== undefined && stored.seq + missing.length >= (known?.seq ?? 0)) {
      counters.republished += missing.length;
      positions.set(group, stored);
      lostEnd.lost({ group, stored, missing: missing.length });
      return { messages: [...missing, ...news], given: missing.length, reset: false };
    }
    beginEpoch(group, known, stored);
    return { messages: news, given: 0, reset: true };
  };

  /**
   * Messages that no history accepts would hold up all others for ever. They are given up, and readers are notified.
   */
  const giveUp = (pending: Pending, error: unknown): void => {
    givingUp.failed({ err: error, groups: [...pending.keys()] });
    for (const [group, { messages }] of pending) {
      counters.refused += messages.length;
      broken.add(group);
    }
  };

  const appendOnce = async (pending: Pending, fence: number): Promise<Pending> => {
    await learnPositions(pending);
    return absorb(await history.append(toBatches(pending), fence), pending, fence);
  };

  return {
    counters,

    beginTerm() {
      positions = new Map();
      broken.clear();
    },

    async claim(groups, fence) {
      if (groups.length === 0) return new Map();
      const newest = new Map<string, Newest>();
      const claims: GroupBatch[] = [];
      for (const { group, position, messages } of await history.newest(groups, 1)) {
        if (position === null) {
          // Claimed as well: otherwise a late append of an older leader could still begin an epoch here.
          const { epoch } = beginEpoch(group, ends.own(group));
          claims.push({ group, epoch, firstSeq: 1, messages: [] });
          continue;
        }
        claims.push({ group, epoch: position.epoch, firstSeq: position.seq + 1, messages: [] });
        const own = ends.ownBehind(group, position, messages[0]);
        const message = own?.message ?? messages[0];
        // Not everything that was lost is this process's own, or it is more than it can publish again.
        if (own === undefined && ends.isBehind(group, position, messages[0])) broken.add(group);
        else ends.saw(group, own ?? position, message);
        newest.set(group, { message, isOwn: own !== undefined });
        // If history lost the end that this process published, the next append notices and repairs it.
        positions.set(group, own === undefined ? position : { epoch: own.epoch, seq: own.seq });
      }
      const results = claims.length > 0 ? await history.append(claims, fence) : [];
      if (results.some(({ outcome }) => outcome === 'fenced') && (await isOvertaken(fence))) {
        throw new Fenced('a newer leader has taken over');
      }
      // If a group is fenced or rejected although this producer leads, the next append notices and sets it aside.
      return results.some(({ outcome }) => outcome === 'mismatch') ? undefined : newest;
    },

    begin(batch) {
      const pending = new Map<string, { messages: Message[]; given: number; reset: boolean }>();
      // Set once for all attempts: a message sent again at its position must be the same, byte for byte.
      const pts = clock.wall();
      for (const { group, message } of batch) {
        const mine = pending.get(group) ?? { messages: [], given: 0, reset: broken.delete(group) };
        pending.set(group, mine);
        mine.messages.push({ ...message, pts });
      }
      for (const [group, { reset }] of pending) if (reset) beginEpoch(group);
      return pending;
    },

    async attempt(pending, fence) {
      try {
        return await appendOnce(pending, fence);
      } catch (error) {
        if (!isUnpublishable(error) && !(error instanceof RedisRefused)) throw error;
        if (pending.size > 1) return appendEach(pending, { append: (one) => appendOnce(one, fence), giveUp, setAside });
        if (!isUnpublishable(error)) throw error;
        giveUp(pending, error);
        return new Map();
      } finally {
        lostAll.settle();
        lostEnd.settle();
      }
    },

    markLost(group) {
      broken.add(group);
    },
  };
};
