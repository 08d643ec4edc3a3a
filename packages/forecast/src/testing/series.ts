import { createRandom as createSeeded } from '@tickwire/protocol/testing';

/** Seeded price paths for tests: the same seed gives the same path everywhere. */

// Bound once: in the test runner, looking up a global costs more than the call.
const { cos, exp, floor, log, PI, sqrt } = Math;

/** Uniform in [0, 1). */
export const createRandom = (seed: number): (() => number) => createSeeded(seed).next;

/** Standard normal (Box & Muller). */
export const createNormal = (random: () => number): (() => number) => {
  return () => sqrt(-2 * log(1 - random())) * cos(2 * PI * random());
};

export interface PathOptions {
  readonly steps: number;
  readonly seed: number;
  /** Mean standard deviation of a step's log return. @default 2e-4 */
  readonly sigma?: number;
  /** @default 60_000 */
  readonly start?: number;
}

/** Prices from one log return per step. */
const pathOf = ({ steps, start = 60_000 }: PathOptions, nextReturn: (step: number) => number): number[] => {
  const prices: number[] = [];
  let logPrice = log(start);
  for (let step = 0; step < steps; step++) {
    prices.push(exp(logPrice));
    logPrice += nextReturn(step);
  }
  return prices;
};

/** GARCH(1,1) of Bollerslev (1986) with alpha 0.08, beta 0.9: clustered volatility. */
export const garchPath = (options: PathOptions): number[] => {
  const { seed, sigma = 2e-4 } = options;
  const normal = createNormal(createRandom(seed));
  const longRun = sigma * sigma;
  let variance = longRun;
  return pathOf(options, () => {
    const move = sqrt(variance) * normal();
    variance = 0.02 * longRun + 0.08 * move * move + 0.9 * variance;
    return move;
  });
};

/** Independent Gaussian returns: nothing to learn except one constant. */
export const gaussianPath = (options: PathOptions): number[] => {
  const { seed, sigma = 2e-4 } = options;
  const normal = createNormal(createRandom(seed));
  return pathOf(options, () => sigma * normal());
};

/** Gaussian returns whose sigma jumps between a fifth and five times the mean. */
export const regimePath = (options: PathOptions & { readonly regimeSteps: number }): number[] => {
  const { seed, regimeSteps, sigma = 2e-4 } = options;
  const normal = createNormal(createRandom(seed));
  return pathOf(options, (step) => (floor(step / regimeSteps) % 2 === 0 ? sigma / 5 : sigma * 5) * normal());
};

/** A move of at least one tick in one step of many, none in the others: a thinly traded symbol. */
export const sparsePath = (options: PathOptions & { readonly moveShare: number }): number[] => {
  const { seed, moveShare, sigma = 2e-4 } = options;
  const random = createRandom(seed);
  const normal = createNormal(random);
  return pathOf(options, () => (random() < moveShare ? sigma * normal() : 0));
};
