/** Calls things off that did not happen in time. */
export interface Deadlines {
  /** Calls back `afterMs` from now, unless the function returned was called before. */
  begin(onExpired: () => void): () => void;
}

interface Deadline {
  /** By the time that counts. */
  readonly atMs: number;
  onExpired: (() => void) | undefined;
}

export interface DeadlinesOptions {
  readonly afterMs: number;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
}

/**
 * All of the same length, so that they end in the order they began in: a queue with one timer. Time in which the event
 * loop stood still does not count: what arrived meanwhile is looked at first.
 */
export const createDeadlines = ({ afterMs, now = () => performance.now() }: DeadlinesOptions): Deadlines => {
  const stepMs = Math.max(1, afterMs / 8);
  /** More than this between two looks is a loop that stood still. */
  const maxStepMs = 2 * stepMs;
  const queue: Deadline[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** Of the time that counts, up to `lookedAt`. */
  let countedMs = 0;
  let lookedAt = now();

  const counted = (): number => countedMs + Math.min(now() - lookedAt, maxStepMs);

  const look = (): void => {
    countedMs = counted();
    lookedAt = now();
  };

  const arm = (): void => {
    while (queue.length > 0 && queue[0]?.onExpired === undefined) queue.shift();
    const first = queue[0];
    if (timer !== undefined || first === undefined) return;
    timer = setTimeout(expire, Math.min(stepMs, Math.max(1, first.atMs - counted()))).unref();
  };

  const expire = (): void => {
    timer = undefined;
    const stoodStill = now() - lookedAt > maxStepMs;
    look();
    const open = queue.findIndex(({ atMs, onExpired }) => onExpired !== undefined && atMs > countedMs);
    const expired = open === -1 ? queue.length : open;
    // After a long turn another one first, in which what arrived is read.
    if (!stoodStill) for (const { onExpired } of queue.splice(0, expired)) onExpired?.();
    arm();
  };

  return {
    begin(onExpired) {
      // While there is none, nobody looks.
      if (timer === undefined) look();
      const deadline: Deadline = { atMs: counted() + afterMs, onExpired };
      queue.push(deadline);
      arm();
      return () => {
        deadline.onExpired = undefined;
      };
    },
  };
};

/** What was waited for did not come in time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly code = 'DEADLINE_EXCEEDED';
}

/** @throws DeadlineExceeded, or what the promise rejects with. */
export const inTime = <T>(deadlines: Deadlines, promise: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = deadlines.begin(() => reject(new DeadlineExceeded('it took too long')));
    promise.then(resolve, reject).finally(end);
  });
