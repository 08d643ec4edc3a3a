import { createRandom as createSeeded } from '@tickwire/protocol/testing';

/** Numbers that follow from a seed alone. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [low, high]. */
  whole(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** A generator of its own for one part, so that parts do not shift each other. */
  fork(name: string): Random;
}

/** Seeded through FNV-1a of the text. */
export const createRandom = (seed: string): Random => {
  let hash = 2_166_136_261;
  for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  const { next, below, pick } = createSeeded(hash);
  return {
    next,
    whole: (low, high) => low + below(high - low + 1),
    pick,
    fork: (name) => createRandom(`${seed} ${name}`),
  };
};
