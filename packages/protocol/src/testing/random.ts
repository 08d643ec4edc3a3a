/** Repeatable random numbers, so that a random test can print its seed. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number;
  /** True in this share of calls. */
  chance(share: number): boolean;
  /** @throws RangeError for an empty list. */
  pick<T>(from: readonly T[]): T;
}

// Bound once: in the test runner, looking up a global costs more than the call.
const { floor, imul } = Math;

/** The same numbers for the same seed, on every platform: mulberry32 (Tommy Ettinger, public domain). */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;

  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => floor(next() * limit);

  return {
    next,
    below,
    chance: (share) => next() < share,
    pick(from) {
      if (from.length === 0) throw new RangeError('nothing to pick from');
      return from[below(from.length)] as (typeof from)[number];
    },
  };
};

/** A new seed; a test that uses it prints it. */
export const freshSeed = (): number => floor(Math.random() * 2 ** 31);
