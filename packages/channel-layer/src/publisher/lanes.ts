import type { Clock } from '@tickwire/protocol';

export interface LanesOptions {
  /** How long an item may wait, and be repeated. */
  readonly waitMs: number;
  /** Sizes of all items that wait, together. */
  readonly maxWaitingBytes: number;
  /** The pause before a repeat. */
  readonly retryMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Whether an item that failed with this error may be repeated. */
  readonly mayRepeat: (error: unknown, item: Item) => boolean;
  /** Called with the first item that finds no room. */
  readonly onFull: (waiting: number, waitingBytes: number) => void;
  /** Called when half of the room is free again, with the number of items that found none. */
  readonly onRoom: (rejected: number) => void;
}

/** Something to be done, in the order of its lane. */
export interface Item {
  readonly lane: string;
  readonly sizeBytes: number;
  /** Repeating it has no further effect. */
  readonly isRepeatable: boolean;
}

/** Does one thing at a time in each lane, in order, and repeats what failed for a while. */
export interface Lanes {
  /** Rejects with LaneFull at once, with LaneLate if its turn did not come in time, or as the last attempt. */
  run<T>(item: Item, work: () => Promise<T>): Promise<T>;
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly repeats: number;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/** Too much waits already. Nothing was done. */
export class LaneFull extends Error {}
/** Earlier work took too long. Nothing was done. */
export class LaneLate extends Error {}

/** Memory of an item beside its content. */
const overheadBytes = 256;

export const createLanes = (options: LanesOptions): Lanes => {
  const { waitMs, maxWaitingBytes, retryMs, clock, mayRepeat, onFull, onRoom } = options;
  const tails = new Map<string, Promise<void>>();
  let waiting = 0;
  let waitingBytes = 0;
  let repeats = 0;
  /** Items that found no room, since the last time that there was plenty. */
  let rejected = 0;

  const reject = (): never => {
    rejected += 1;
    if (rejected === 1) onFull(waiting, waitingBytes);
    throw new LaneFull();
  };
  const reportRoom = (): void => {
    if (rejected === 0 || waitingBytes > maxWaitingBytes / 2) return;
    const count = rejected;
    rejected = 0;
    onRoom(count);
  };

  const pause = (): Promise<void> => new Promise((resolve) => clock.after(retryMs, resolve));

  const attempt = async <T>(item: Item, work: () => Promise<T>, deadlineMs: number): Promise<T> => {
    if (clock.monotonic() >= deadlineMs) throw new LaneLate();
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!mayRepeat(error, item) || clock.monotonic() + retryMs >= deadlineMs) throw error;
        await pause();
        repeats += 1;
      }
    }
  };

  return {
    async run(item, work) {
      const bytes = item.sizeBytes + overheadBytes;
      if (waitingBytes + bytes > maxWaitingBytes) return reject();
      const deadlineMs = clock.monotonic() + waitMs;
      const before = tails.get(item.lane) ?? Promise.resolve();
      const done = before.then(() => attempt(item, work, deadlineMs));
      const tail: Promise<void> = done.then(
        () => {},
        () => {},
      );
      tails.set(item.lane, tail);
      waiting += 1;
      waitingBytes += bytes;
      try {
        return await done;
      } finally {
        waiting -= 1;
        waitingBytes -= bytes;
        reportRoom();
        if (tails.get(item.lane) === tail) tails.delete(item.lane);
      }
    },
    get waiting() {
      return waiting;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get repeats() {
      return repeats;
    },
    async drained() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
};
