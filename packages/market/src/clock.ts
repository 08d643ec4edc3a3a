import type { Clock } from './feed.js';

/** The machine's own time. Its timers keep the process alive until they ran or were undone. */
export const createSystemClock = (): Clock => ({
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});
