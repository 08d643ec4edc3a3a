/** What a task belongs to: a process that may be paused, or killed. What belongs to nobody is the world itself. */
export interface Owner {
  readonly isDead: boolean;
  /** Until then its tasks wait, and then run in the order in which they fell due. */
  readonly pausedUntil: number;
}

/** Something that happens at a moment. Looks enough like a timer of Node for product code to hold it. */
export class Task {
  at: number;
  /** When it was to happen; later where its process was paused. */
  dueAt: number;
  order: number;
  isCancelled = false;
  readonly owner: Owner | undefined;
  readonly everyMs: number | undefined;
  readonly run: () => void;

  constructor(at: number, order: number, owner: Owner | undefined, run: () => void, everyMs?: number) {
    this.at = at;
    this.dueAt = at;
    this.order = order;
    this.owner = owner;
    this.run = run;
    this.everyMs = everyMs;
  }

  unref(): this {
    return this;
  }
}

/**
 * One clock and one queue of tasks for a whole cluster. A task runs to its end, with every promise that follows from it, before the
 * next begins; so each continuation belongs to the process whose task it is.
 */
export interface VirtualTime {
  /** Milliseconds since the beginning. */
  now(): number;
  /** @param owner @default whoever runs now */
  after(delayMs: number, run: () => void, owner?: Owner | undefined): Task;
  /** The same, for what belongs to nobody. */
  world(delayMs: number, run: () => void): Task;
  /** Runs something at once as this owner. */
  within<T>(owner: Owner, run: () => T): T;
  /** Runs all that falls due until then. Rejects with what a task throws. */
  runUntil(endMs: number): Promise<void>;
  /** Puts this in place of the timers of Node, for one run. Returns the undo. */
  install(): () => void;
}

const isBefore = (one: Task, other: Task): boolean => {
  if (one.at !== other.at) return one.at < other.at;
  return one.dueAt === other.dueAt ? one.order < other.order : one.dueAt < other.dueAt;
};

// Bound once: under the test runner a global costs more to look up than to call.
const { nextTick } = process;
/** Its reactions are microtasks, and cost a third of what `queueMicrotask` does. */
const settled = Promise.resolve();

export const createVirtualTime = (): VirtualTime => {
  /** A binary heap, the next first. */
  const heap: Task[] = [];
  let nowMs = 0;
  let orders = 0;
  let current: Owner | undefined;

  const push = (task: Task): Task => {
    let index = heap.length;
    heap.push(task);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(task, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = task;
    return task;
  };

  const pop = (): Task | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === last) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      const left = heap[below];
      if (left === undefined) break;
      const right = heap[below + 1];
      const least = right !== undefined && isBefore(right, left) ? right : left;
      if (least === right) below += 1;
      if (!isBefore(least, last)) break;
      heap[index] = least;
      index = below;
    }
    heap[index] = last;
    return first;
  };

  const add = (delayMs: number, owner: Owner | undefined, run: () => void, everyMs?: number): Task => {
    orders += 1;
    return push(new Task(nowMs + Math.max(0, delayMs), orders, owner, run, everyMs));
  };

  const repeat = (task: Task, everyMs: number): void => {
    orders += 1;
    task.at = nowMs + everyMs;
    task.dueAt = task.at;
    task.order = orders;
    push(task);
  };

  /** Whether there was one. What a paused process has to do waits. */
  const runNext = (endMs: number): boolean => {
    for (;;) {
      const task = heap[0];
      if (task === undefined || task.at > endMs) return false;
      pop();
      const { owner } = task;
      if (task.isCancelled || owner?.isDead === true) continue;
      nowMs = task.at;
      if (owner !== undefined && owner.pausedUntil > nowMs) {
        task.at = owner.pausedUntil;
        push(task);
        continue;
      }
      current = owner;
      if (task.everyMs !== undefined) repeat(task, task.everyMs);
      task.run();
      return true;
    }
  };

  return {
    now: () => nowMs,
    after: (delayMs, run, owner = current) => add(delayMs, owner, run),
    world: (delayMs, run) => add(delayMs, undefined, run),

    within(owner, run) {
      const before = current;
      current = owner;
      try {
        return run();
      } finally {
        current = before;
      }
    },

    runUntil: (endMs) =>
      new Promise((resolve, reject) => {
        const step = (): void => {
          try {
            if (!runNext(endMs)) {
              current = undefined;
              nowMs = endMs;
              resolve();
              return;
            }
          } catch (error) {
            reject(error);
            return;
          }
          void settled.then(next);
        };
        // Ticks wait until no microtask is left: the task is over, with all that followed from it, and no turn of the real event
        // loop was needed for that.
        const next = (): void => nextTick(step);
        nextTick(step);
      }),

    install() {
      const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
      const cancel = (task: Task | undefined): void => {
        if (task !== undefined) task.isCancelled = true;
      };
      Object.assign(globalThis, {
        setTimeout: (run: () => void, delayMs = 0) => add(delayMs, current, run),
        setInterval: (run: () => void, everyMs: number) => add(everyMs, current, run, everyMs),
        setImmediate: (run: () => void) => add(0, current, run),
        clearTimeout: cancel,
        clearInterval: cancel,
        clearImmediate: cancel,
      });
      // A tick of its own might come after the next step, and be taken for one of another process.
      process.nextTick = (run: (...args: unknown[]) => void, ...args: unknown[]) =>
        void settled.then(() => run(...args));
      return () => {
        Object.assign(globalThis, real);
        process.nextTick = nextTick;
        // What never ran would keep its cluster in memory for as long as anything knows this clock.
        heap.length = 0;
      };
    },
  };
};
