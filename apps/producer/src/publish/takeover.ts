import type { Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';
import type { Appender } from './appender.js';
import type { Outgoing } from './outgoing-queue.js';
import { createResume, isMissing, type Resume } from './resume.js';

export interface TakeoverOptions {
  readonly appender: Pick<Appender, 'claim' | 'markLost'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Goes on where the leader before stopped, group by group, as this one has something for it. */
export interface Takeover extends Pick<Resume, 'filter'> {
  /** Another may have led: groups are taken over before anything is published. Without it there is nothing to take over. */
  require(): void;
  readonly isRequired: boolean;
  /** The newest of a group that went before it was published here. */
  dropped(group: string, message: Message): void;
  /** Groups of which something went before this led. */
  droppedGroups(): Iterable<string>;
  /** This was elected. */
  elected(): void;
  beginTerm(): void;
  /**
   * Learns how far the leader before came with these groups and those of what waits, and keeps it from going on. False when it
   * must be done again. @throws what claiming throws.
   */
  attempt(waiting: readonly Outgoing[], others: Iterable<string>, fence: number): Promise<boolean>;
}

export const createTakeover = ({ appender, clock }: TakeoverOptions): Takeover => {
  /** Groups taken over in this term; undefined while this leads from the first moment. */
  let taken: Set<string> | undefined;
  let resume = createResume();
  let electedAt = Number.NEGATIVE_INFINITY;
  const gone = new Map<string, Message>();

  /** What of the group waited before the term, the leader before may have published. */
  const hasWaited = (waiting: readonly Outgoing[], group: string): boolean =>
    waiting.some((outgoing) => outgoing.group === group && outgoing.receivedAt < electedAt);

  return {
    require() {
      taken ??= new Set();
    },
    get isRequired() {
      return taken !== undefined;
    },
    dropped: (group, message) => void gone.set(group, message),
    droppedGroups: () => gone.keys(),
    elected() {
      electedAt = clock.monotonic();
    },
    beginTerm() {
      resume = createResume();
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
        const isUnknown = last !== undefined && last.message === undefined && hasWaited(waiting, group);
        if (isLost || isUnknown) appender.markLost(group);
        gone.delete(group);
      }
      return true;
    },
    filter: (waiting) => resume.filter(waiting),
  };
};
