import { RedisRefused } from '@tickwire/channel-layer';
import { Fenced, isUnpublishable, type Pending, type PendingGroup } from './pending.js';

export interface AppendEachOptions {
  /** Appends and publishes once. Returns the messages to try again. */
  readonly append: (pending: Pending) => Promise<Pending>;
  /** No history accepts these messages. */
  readonly giveUp: (pending: Pending, error: unknown) => void;
  /** Removes the groups that history rejects, with the reasons, from those that are left. */
  readonly setAside: (left: Map<string, PendingGroup>, rejected: ReadonlyMap<string, string>) => void;
}

/** If this many groups in a row are rejected before one is accepted, the groups are not the cause. */
const maxRejected = 8;

/**
 * Appends group by group, so that an unacceptable message, or a group that Redis rejects, affects only its own group.
 * Returns the messages to try again.
 */
export const appendEach = async (pending: Pending, options: AppendEachOptions): Promise<Pending> => {
  const { append, giveUp, setAside } = options;
  const left = new Map<string, PendingGroup>(pending);
  const rejected = new Map<string, Error>();
  let hasMoved = false;
  for (const [group, messages] of pending) {
    const one = new Map([[group, messages]]);
    try {
      const rest = (await append(one)).get(group);
      hasMoved = true;
      if (rest === undefined) left.delete(group);
      else left.set(group, rest);
    } catch (error) {
      if (error instanceof Fenced) throw new Fenced(error.message, left);
      if (isUnpublishable(error)) {
        giveUp(one, error);
        left.delete(group);
        hasMoved = true;
        continue;
      }
      // If Redis rejects all of them, the groups are not the cause: a permission is missing, and nothing can be
      // published.
      if (error instanceof RedisRefused && (hasMoved || rejected.size < maxRejected)) {
        rejected.set(group, error);
        continue;
      }
      // Earlier groups are appended or have new positions. A repeated call with the old `pending` would publish them
      // twice.
      if (hasMoved) return left;
      throw error;
    }
  }
  for (const error of hasMoved ? [] : rejected.values()) throw error;
  setAside(left, new Map([...rejected].map(([group, { message }]) => [group, message])));
  return left;
};
