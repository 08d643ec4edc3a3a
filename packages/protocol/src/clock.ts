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

/** The machine's own time. Its timers keep the process alive until they have run or were cancelled. */
export const createSystemClock = (): Clock => ({
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});
