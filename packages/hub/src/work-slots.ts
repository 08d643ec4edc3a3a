/** Too much work is waiting already. */
export class BacklogFull extends Error {
  override readonly name = 'BacklogFull';
  readonly code = 'BACKLOG_FULL';
}

export interface WorkSlotsOptions {
  /** @default 16 */
  readonly atOnce?: number;
  /** @default 16_384 */
  readonly maxWaiting?: number;
  /**
   * When work fails, everything that has waited longer than this fails with it: the work ahead is stuck. @default 3_000
   */
  readonly patienceMs?: number;
  /** Work that takes longer continues without its slot, which the next piece gets. @default 5_000 */
  readonly maxHoldMs?: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/**
 * Runs a few pieces of work at a time, in order of arrival; the others wait. A slot becomes free one turn of the event
 * loop after its work ended, so that a thousand pieces that need not wait do not fill one long turn.
 */
export interface WorkSlots {
  readonly waiting: number;
  /** @throws BacklogFull, or what the work throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly since: number;
  readonly begin: () => void;
  readonly reject: (error: unknown) => void;
}

export const createWorkSlots = (options: WorkSlotsOptions): WorkSlots => {
  const { atOnce = 16, maxWaiting = 16_384, patienceMs = 3_000, maxHoldMs = 5_000, now } = options;
  let running = 0;
  let queue: Waiting[] = [];
  let head = 0;

  const next = (): Waiting | undefined => {
    const first = queue[head];
    if (first === undefined) return undefined;
    head += 1;
    if (head === queue.length) {
      queue = [];
      head = 0;
    }
    return first;
  };

  const free = (): void => {
    running -= 1;
    next()?.begin();
  };

  const giveUpStuck = (error: unknown): void => {
    const at = now();
    for (let first = queue[head]; first !== undefined && at - first.since >= patienceMs; first = queue[head]) {
      next()?.reject(error);
    }
  };

  const begin = async <T>(work: () => Promise<T>): Promise<T> => {
    running += 1;
    let isHeld = true;
    const giveBack = (): void => {
      if (isHeld) setImmediate(free);
      isHeld = false;
    };
    const timer = setTimeout(giveBack, maxHoldMs).unref();
    try {
      return await work();
    } catch (error) {
      giveUpStuck(error);
      throw error;
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  };

  return {
    get waiting() {
      return queue.length - head;
    },
    run(work) {
      if (running < atOnce) return begin(work);
      if (queue.length - head >= maxWaiting) return Promise.reject(new BacklogFull(`${maxWaiting} are waiting`));
      return new Promise((resolve, reject) => {
        queue.push({ since: now(), begin: () => begin(work).then(resolve, reject), reject });
      });
    },
  };
};
