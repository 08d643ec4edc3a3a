/**
 * Time with two faces. Wall time labels: messages show it, and it may step forwards or back at any moment. Monotonic
 * time measures: only it is used for durations, deadlines, retries, intervals, leases and windows.
 */
export interface Clock {
  /** Integer milliseconds since 1970. Two readings may differ by anything. */
  wall(): number;
  /** Milliseconds since an arbitrary moment, with fractions. Never goes back; has no meaning in another process. */
  monotonic(): number;
  /** Calls back once after `delayMs` of monotonic time. Returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A timer for longer, 24 days, would be due at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own time. Its timers keep the process alive until they have run or were cancelled. */
export const createSystemClock = (): Clock => ({
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      timer =
        leftMs > longestTimerMs
          ? setTimeout(() => wait(leftMs - longestTimerMs), longestTimerMs)
          : setTimeout(callback, leftMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
});
