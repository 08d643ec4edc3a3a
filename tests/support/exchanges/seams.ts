import { createRandom } from '@tickwire/protocol/testing';

/** Time at the venue: its clock is right, whatever ours is made to show. A `ManualClock` is one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once; returns what calls that off. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own time, for a venue with real sockets. */
export const createVenueClock = (): Clock => ({
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});

/** In [0, 1). */
export type Random = () => number;

export const seededRandom = (seed: number): Random => createRandom(seed).next;
