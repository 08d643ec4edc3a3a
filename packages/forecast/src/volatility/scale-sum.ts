import { decodeFloats, encodeFloats } from '../snapshot-codec.js';
import type { SigmaMixer } from './ewma-bank.js';

const { exp, max, min, sqrt } = Math;

const leastRate = 0.005;
const firstRate = 0.3;
/** Without it the first outcomes could multiply the width by a thousand. */
const maxRate = 0.05;
/** One outcome counts for at most this many sigmas: a jump must not decide the coefficients alone. */
const maxZ = 5;
/** Share of the mean coefficient that every member keeps, so that a useless one can recover. */
const leastShare = 0.003;
const leastSigma = 1e-9;

/**
 * A sum of the bank's standard deviations with positive coefficients, learnt by exponentiated gradient (Kivinen &
 * Warmuth 1997) on the QLIKE loss (Patton 2011): the regression of Corsi (2009), one outcome at a time. The best
 * combination is better than the best member, because one memory either reacts or remembers.
 */
export const createScaleSum = (halfLifeSteps: readonly number[], horizonSteps: number): SigmaMixer => {
  const size = halfLifeSteps.length;
  const coefficients = new Float64Array(size);
  const scales = new Float64Array(size);

  // A memory far shorter than the horizon starts low: unlearning it one outcome at a time would take days.
  const priors = halfLifeSteps.map((steps) => steps / (steps + 0.2 * horizonSteps));
  const total = priors.reduce((sum, prior) => sum + prior, 0);
  coefficients.set(priors.map((prior) => prior / total));

  const sigma = (variances: Float64Array, logTick: number): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const scale = sqrt(variances[i] as number);
      scales[i] = scale;
      sum += (coefficients[i] as number) * scale;
    }
    return max(sum, logTick, leastSigma);
  };

  return {
    sigma,
    learn: (variances, squaredOutcome, logTick, resolved) => {
      // The scales of the time of the forecast with the current coefficients: later outcomes have moved them.
      const expected = sigma(variances, logTick);
      const z = min(sqrt(squaredOutcome) / expected, maxZ);
      // Outcomes of overlapping windows repeat each other: divided by the horizon they count once in all.
      const rate = min(maxRate, max(leastRate, firstRate / sqrt(resolved))) / horizonSteps;
      const step = (rate * (z * z - 1)) / expected;
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const coefficient = coefficients[i] as number;
        const moved = coefficient * exp(step * coefficient * (scales[i] as number));
        coefficients[i] = moved;
        sum += moved;
      }
      const least = (leastShare * sum) / size;
      for (let i = 0; i < size; i++) coefficients[i] = max(coefficients[i] as number, least);
    },
    save: () => encodeFloats(coefficients),
    load: (state) => decodeFloats(state, coefficients, 'coefficients'),
  };
};
