import type { Clock } from './clock.js';

/** Timers of one owner, which it cancels together when it ends. */
export interface Timers {
  /** Calls back once after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`, or when the timers are cancelled: who waits must look whether its owner has ended. */
  pause(delayMs: number): Promise<void>;
  /** Later calls of `after` and `pause` begin new timers. */
  cancelAll(): void;
}

export const createTimers = (clock: Pick<Clock, 'after'>): Timers => {
  const cancels = new Set<() => void>();

  const begin = (delayMs: number, onDue: () => void, onCancelled?: () => void): (() => void) => {
    const cancelDue = clock.after(delayMs, () => {
      cancels.delete(cancel);
      onDue();
    });
    const cancel = (): void => {
      if (!cancels.delete(cancel)) return;
      cancelDue();
      onCancelled?.();
    };
    cancels.add(cancel);
    return cancel;
  };

  return {
    after: (delayMs, callback) => begin(delayMs, callback),
    pause: (delayMs) => new Promise((resolve) => begin(delayMs, resolve, resolve)),
    cancelAll() {
      for (const cancel of cancels) cancel();
    },
  };
};
