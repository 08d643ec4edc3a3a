import type { Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { Appender } from './appender.js';
import type { Outgoing } from './outgoing-queue.js';
import { createResume, isMissing, type Resume } from './resume.js';

export interface TakeoverOptions {
  readonly appender: Pick<Appender, 'claim' | 'markLost'>;
  readonly clock: Pick<Clock, 'wall' | 'monotonic'>;
  /** How long after this producer's election another may still have published: until it noticed, or was held up. */
  readonly standbyMs: number;
  /** So many messages that were dropped before this producer led are lost: nobody published them. */
  readonly onLost: (count: number) => void;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Continues where the previous leader stopped, for each group as soon as this producer has a message for it. */
export interface Takeover extends Pick<Resume, 'filter'> {
  /**
   * Another producer may have led: groups must be taken over before anything is published. Until this is called no
   * takeover is needed.
   */
  require(): void;
  readonly isRequired: boolean;
  /**
   * Records the newest message of a group that was dropped before this producer published it. It counts as lost if the
   * takeover finds that nobody published it.
   */
  dropped(group: string, message: Message, isCounted?: boolean): void;
  /** One more of that group was dropped, an older one. */
  droppedOlder(group: string): void;
  /** Another producer leads: it has published what was dropped until now. */
  leaderIsThere(): void;
  /** Groups of which a message was dropped before this producer led. */
  droppedGroups(): Iterable<string>;
  /** Records that this producer was elected. */
  elected(): void;
  beginTerm(): void;
  /**
   * Finds out how far the previous leader got with these groups and with those of the waiting messages, and stops it
   * from going on. Returns false if the call must be repeated.
   * @throws what claiming throws.
   */
  attempt(waiting: readonly Outgoing[], others: Iterable<string>, fence: number): Promise<boolean>;
}

export const createTakeover = ({ appender, clock, standbyMs, onLost, logger }: TakeoverOptions): Takeover => {
  const newResume = (): Resume =>
    createResume(clock, (group, aheadMs) =>
      logger.warn({ group, aheadMs }, 'trades wait until those published before are over: a clock was ahead'),
    );
  /** Groups taken over in this term; undefined if this producer has led from the first moment. */
  let taken: Set<string> | undefined;
  let resume = newResume();
  let electedAt = Number.NEGATIVE_INFINITY;
  const gone = new Map<string, Message>();
  /** How many were dropped of each group that nobody has counted. */
  const uncounted = new Map<string, number>();

  /** The previous leader may have published some of what waits. */
  const mayRepeat = (waiting: readonly Outgoing[], group: string): boolean =>
    waiting.some((outgoing) => outgoing.group === group && outgoing.receivedAt < electedAt + standbyMs);

  return {
    require() {
      taken ??= new Set();
    },
    get isRequired() {
      return taken !== undefined;
    },
    dropped(group, message, isCounted = false) {
      gone.set(group, message);
      if (!isCounted) uncounted.set(group, (uncounted.get(group) ?? 0) + 1);
    },
    droppedOlder: (group) => void uncounted.set(group, (uncounted.get(group) ?? 0) + 1),
    leaderIsThere: () => uncounted.clear(),
    droppedGroups: () => gone.keys(),
    elected() {
      electedAt = clock.monotonic();
    },
    beginTerm() {
      resume = newResume();
      taken?.clear();
    },
    async attempt(waiting, others, fence) {
      const groups = new Set([...waiting.map(({ group }) => group), ...others]);
      const news = [...groups].filter((group) => taken?.has(group) === false);
      const newest = await appender.claim(news, fence);
      if (newest === undefined) return false;
      for (const group of news) {
        taken?.add(group);
        const last = newest.get(group);
        const dropped = gone.get(group);
        if (last?.isOwn === false && last.message !== undefined) resume.follow(group, last.message);
        const isLost = dropped !== undefined && (last?.message === undefined || isMissing(dropped, last.message));
        const isUnknown = last !== undefined && last.message === undefined && mayRepeat(waiting, group);
        if (isLost || isUnknown) appender.markLost(group);
        if (isLost) onLost(uncounted.get(group) ?? 0);
        gone.delete(group);
        uncounted.delete(group);
      }
      return true;
    },
    filter: (waiting) => resume.filter(waiting),
  };
};
