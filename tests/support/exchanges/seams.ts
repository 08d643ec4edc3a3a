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

/** mulberry32: small, seeded, good enough to choose faults. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
