/** Calls back when something did not happen in time. */
export interface Deadlines {
  /** Calls back `afterMs` from now, unless the returned function was called before. */
  begin(onExpired: () => void): () => void;
}

interface Deadline {
  /** Measured in counted time. */
  readonly atMs: number;
  onExpired: (() => void) | undefined;
}

export interface DeadlinesOptions {
  readonly afterMs: number;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

/**
 * All deadlines have the same length, so they end in the order in which they began: a queue with one timer. Time in
 * which the event loop was blocked does not count, because messages that arrived meanwhile are read first.
 */
export const createDeadlines = ({ afterMs, now = () => performance.now() }: DeadlinesOptions): Deadlines => {
  const stepMs = Math.max(1, afterMs / 8);
  /** A longer gap between two checks means that the event loop was blocked. */
  const maxStepMs = 2 * stepMs;
  const queue: Deadline[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** Counted time, up to `lookedAt`. */
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
    // After a long turn another one comes first, which reads what arrived.
    if (!stoodStill) for (const { onExpired } of queue.splice(0, expired)) onExpired?.();
    arm();
  };

  return {
    begin(onExpired) {
      // Without deadlines nothing is checked.
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

/** The awaited work did not finish in time. */
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
