import { decodeFloats, encodeFloats } from '../snapshot-codec.js';
import type { SigmaMixer } from './ewma-bank.js';

const { exp, log, min, sqrt } = Math;

/** Learning rate of the exponential weights. */
const rate = 0.5;
const fixedShare = 1e-3;
const discountHalfLifeOutcomes = 2000;
/** One outcome counts for at most this many variances: a jump must not decide the weights alone. */
const maxSquaredZ = 50;
const unreached = Infinity;

/**
 * Weights the members of the bank by how well they predicted the known outcomes: exponential weights on the discounted
 * Gaussian negative log-likelihood, with a fixed share for every member so that it can recover after a change of regime
 * (Herbster & Warmuth 1998).
 */
export const createExpertMixture = (size: number, horizonSteps: number): SigmaMixer => {
  const discount = 0.5 ** (1 / discountHalfLifeOutcomes);
  const losses = new Float64Array(size);
  const weights = new Float64Array(size).fill(1 / size);
  const outcomeLosses = new Float64Array(size);

  const refresh = (): void => {
    let least = losses[0] as number;
    for (let i = 1; i < size; i++) least = min(least, losses[i] as number);
    let total = 0;
    for (let i = 0; i < size; i++) {
      const weight = exp(-rate * ((losses[i] as number) - least));
      weights[i] = weight;
      total += weight;
    }
    for (let i = 0; i < size; i++) {
      weights[i] = ((1 - fixedShare) * (weights[i] as number)) / total + fixedShare / size;
    }
  };
  refresh();

  return {
    sigma: (variances) => {
      let mixed = 0;
      for (let i = 0; i < size; i++) mixed += (weights[i] as number) * (variances[i] as number);
      return sqrt(mixed);
    },
    learn: (variances, squaredOutcome) => {
      let least = unreached;
      for (let i = 0; i < size; i++) {
        const variance = variances[i] as number;
        const loss = 0.5 * (log(variance) + min(squaredOutcome / variance, maxSquaredZ));
        outcomeLosses[i] = loss;
        least = min(least, loss);
      }
      // Outcomes of overlapping windows repeat each other: divided by the horizon they count once in all.
      for (let i = 0; i < size; i++) {
        losses[i] = discount * (losses[i] as number) + ((outcomeLosses[i] as number) - least) / horizonSteps;
      }
      refresh();
    },
    save: () => encodeFloats(losses),
    load: (state) => {
      decodeFloats(state, losses, 'expert losses');
      refresh();
    },
  };
};
