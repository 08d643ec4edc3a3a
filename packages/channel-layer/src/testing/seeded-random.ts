export interface SeededRandom {
  /** An integer from 0 to `below - 1`. */
  integer(below: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** The same numbers for the same seed, on every platform (mulberry32). */
export const createSeededRandom = (seed: number): SeededRandom => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => list[integer(list.length)] as (typeof list)[number],
  };
};

/** A seed nobody has tried yet; a test that uses it names it. */
export const freshSeed = (): number => Math.floor(Math.random() * 2 ** 31);
