/** Looked up once: this runs some hundred thousand times for a day, and a sandbox makes each look-up slow. */
const { imul, log, sqrt } = Math;

/** A source of random numbers. The same seed gives the same numbers on every machine and Node version. */
export interface Random {
  /** In [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Exponential of mean 1. */
  exponential(): number;
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand, public domain): 128 bits of state, period of at least 2^32, passes PractRand.
 * The state is filled from a 32-bit FNV-1a hash of the seed run through splitmix32, and the first outputs are discarded
 * as its author advises. Normals by Marsaglia's polar method.
 */
export const createRandom = (seed: string): Random => {
  let mix = fnv1a(seed);
  const word = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = imul(z, 0x21f0aaad);
    z = imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = word();
  let b = word();
  let c = word();
  let counter = 1;
  let spare: number | undefined;

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  const uniform = (): number => next() / 4_294_967_296;
  for (let i = 0; i < 12; i++) next();

  return {
    uniform,
    normal: () => {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const x = 2 * uniform() - 1;
        const y = 2 * uniform() - 1;
        const square = x * x + y * y;
        if (square >= 1 || square === 0) continue;
        const factor = sqrt((-2 * log(square)) / square);
        spare = y * factor;
        return x * factor;
      }
    },
    exponential: () => -log(1 - uniform()),
  };
};

const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
};
