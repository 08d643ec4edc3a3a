/** Calls things off that did not happen in time. */
export interface Deadlines {
  /** Calls back `afterMs` from now, unless the function returned was called before. */
  begin(onExpired: () => void): () => void;
}

interface Deadline {
  readonly atMs: number;
  onExpired: (() => void) | undefined;
}

export interface DeadlinesOptions {
  readonly afterMs: number;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
}

/** All of the same length, so that they end in the order they began in: a queue with one timer, for its first. */
export const createDeadlines = ({ afterMs, now = () => performance.now() }: DeadlinesOptions): Deadlines => {
  let queue: Deadline[] = [];
  let timer: NodeJS.Timeout | undefined;

  const arm = (): void => {
    while (queue.length > 0 && queue[0]?.onExpired === undefined) queue.shift();
    const first = queue[0];
    if (timer !== undefined || first === undefined) return;
    timer = setTimeout(expire, Math.max(1, first.atMs - now())).unref();
  };

  const expire = (): void => {
    timer = undefined;
    const at = now();
    const open = queue.findIndex(({ atMs, onExpired }) => onExpired !== undefined && atMs > at);
    const expired = open === -1 ? queue : queue.slice(0, open);
    queue = open === -1 ? [] : queue.slice(open);
    for (const { onExpired } of expired) onExpired?.();
    arm();
  };

  return {
    begin(onExpired) {
      const deadline: Deadline = { atMs: now() + afterMs, onExpired };
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
