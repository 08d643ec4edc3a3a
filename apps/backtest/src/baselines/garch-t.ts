import { levels } from '@tickwire/forecast';
import { findMinimum } from './nelder-mead.js';
import type { IntervalMethod } from './simple-methods.js';
import { centralHalfWidth, logPeak } from './student-t.js';

// Bound once: in the test runner, looking up a global costs more than the call.
const { exp, log, log1p, max, min, sqrt } = Math;

/** Variance of the next return: base + reaction * squared return + memory * variance. */
interface Parameters {
  readonly base: number;
  readonly reaction: number;
  readonly memory: number;
  /** Degrees of freedom of Student's t. */
  readonly degrees: number;
}

/**
 * One GARCH(1,1) with Student's t (Bollerslev 1986, 1987) for all horizons: fitted by maximum likelihood to the last
 * 10,000 returns, again whenever there are twice as many and after that once a day. Its limits: minutes without a trade
 * are left out of the likelihood, because equal prices would drive every variance to zero; there are three degrees of
 * freedom at least; the simplex finds a local maximum; and at every horizon the quantiles are those of one step.
 */
export interface GarchModel {
  /** Call once a step with its return, or undefined if that is not a return of one step. */
  observe(move: number | undefined): void;
  /** A method that reads this model. */
  method(horizonSteps: number): IntervalMethod;
}

const windowSize = 10_000;
const minReturns = 100;

/**
 * Close to real markets: a twentieth is new, the rest is remembered for some twenty steps, and tails have seven
 * degrees.
 */
const usualStart = [-3, 3, -2, 1.5];

const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** Maps any four numbers to valid parameters: the variance exists, and returns to its long-run value. */
const parametersAt = ([base = 0, sum = 0, share = 0, tail = 0]: readonly number[], scale: number): Parameters => {
  const persistence = 0.9999 * sigmoid(sum);
  const reaction = persistence * sigmoid(share);
  return { base: scale * exp(base), reaction, memory: persistence - reaction, degrees: 3 + exp(min(tail, 5)) };
};

/** Mean negative log-likelihood, and the variance expected after the last return. */
const walkThrough = (returns: Float64Array, first: number, { base, reaction, memory, degrees }: Parameters) => {
  let variance = first;
  let sum = 0;
  let moves = 0;
  for (let i = 0; i < returns.length; i++) {
    const squared = (returns[i] as number) ** 2;
    if (squared > 0) {
      moves++;
      sum += log(variance) + (degrees + 1) * log1p(squared / ((degrees - 2) * variance));
    }
    variance = base + reaction * squared + memory * variance;
  }
  return { loss: sum / 2 / moves - logPeak(degrees), variance };
};

/** @param refitSteps a day, in steps. */
export const createGarchModel = (refitSteps: number): GarchModel => {
  /** The newest returns, up to `end`. Twice the window, so that they are moved to its start only once a window. */
  const recent = new Float64Array(2 * windowSize);
  let end = 0;
  let seen = 0;
  let sinceFit = 0;
  let nextFit = minReturns;
  let fitted: (Parameters & { halfWidths: readonly number[] }) | undefined;
  let variance = 0;

  const fit = (): void => {
    const returns = recent.subarray(max(0, end - windowSize), end);
    const scale = returns.reduce((sum, move) => sum + move * move, 0) / returns.length;
    sinceFit = 0;
    nextFit = min(seen, refitSteps);
    if (scale === 0) return;
    // Always starts from the same point: from the result of a fit to a few returns the simplex may not get away.
    const options = { start: usualStart, side: 0.5, tolerance: 1e-5, maxEvaluations: 250 };
    const found = findMinimum((at) => walkThrough(returns, scale, parametersAt(at, scale)).loss, options);
    const parameters = parametersAt(found, scale);
    variance = walkThrough(returns, scale, parameters).variance;
    const halfWidths = levels.map((level) => centralHalfWidth(parameters.degrees, level / 100));
    fitted = { ...parameters, halfWidths };
  };

  return {
    observe: (move) => {
      if (move === undefined) return;
      if (end === recent.length) {
        recent.copyWithin(0, windowSize);
        end = windowSize;
      }
      recent[end++] = move;
      seen++;
      if (fitted !== undefined) {
        const { base, reaction, memory } = fitted;
        variance = base + reaction * move * move + memory * variance;
      }
      if (++sinceFit >= nextFit) fit();
    },
    method: (horizonSteps) => ({
      name: 'GARCH-t daily',
      observe: () => {},
      resolve: () => {},
      forecast: (into) => {
        if (fitted === undefined) {
          into.fill(0);
          return 0;
        }
        const { base, reaction, memory, halfWidths } = fitted;
        const persistence = reaction + memory;
        const longRun = base / (1 - persistence);
        // The expected variances of the next steps approach the long run geometrically; this is their sum in closed
        // form.
        const reach = (1 - persistence ** horizonSteps) / (1 - persistence);
        const sigma = sqrt(horizonSteps * longRun + reach * (variance - longRun));
        for (let j = 0; j < into.length; j++) into[j] = sigma * (halfWidths[j] as number);
        return sigma;
      },
    }),
  };
};
