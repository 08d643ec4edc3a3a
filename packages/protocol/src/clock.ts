/**
 * Time with two faces. Wall time labels: it is what a message shows, and it may step forwards or back at any moment.
 * Monotonic time measures: durations, deadlines, retries, intervals, leases and windows use it, and nothing else does.
 */
export interface Clock {
  /** Milliseconds since 1970, an integer. Two readings may differ by anything. */
  wall(): number;
  /** Milliseconds since an arbitrary moment, with fractions. It never goes back, and means nothing in another process. */
  monotonic(): number;
  /** Calls back once after `delayMs` of monotonic time. Returns what calls that off. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own time. Its timers keep the process alive until they ran or were called off. */
export const createSystemClock = (): Clock => ({
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});
