import { gaussianHalfWidths, levelCount, missRates } from '../levels.js';
import { decodeFloats, encodeFloats } from '../snapshot-codec.js';

const { exp, log, max, sqrt } = Math;

/**
 * For every level the factor between sigma and half width, moved after each outcome so that the share of misses
 * tends to what the level allows (quantile tracking, Angelopoulos, Candes & Tibshirani 2023). It moves the logarithm:
 * a width is always positive and finite.
 */
export interface QuantileTracker {
  /** Ascending, so intervals nest. Changed in place by `learn`. */
  readonly factors: Float64Array;
  /**
   * @param distance of the outcome from the centre.
   * @param halfWidths of the forecast that this outcome resolves.
   * @param resolved outcomes known by now, this one included.
   * @param pinnedHalfWidth a half width up to which an interval cannot be told from one of width zero.
   */
  learn(distance: number, halfWidths: Float64Array, resolved: number, pinnedHalfWidth: number): void;
  save(): string;
  load(state: unknown): void;
}

const minStep = 0.01;
const firstStep = 0.3;

export const createQuantileTracker = (horizonSteps: number): QuantileTracker => {
  const logFactors = Float64Array.from(gaussianHalfWidths, log);
  const factors = new Float64Array(levelCount);

  const refresh = (): void => {
    for (let j = 0; j < levelCount; j++) factors[j] = exp(logFactors[j] as number);
    // Rearrangement: each level moves on its own and may pass its neighbour.
    sortFew(factors);
  };
  refresh();

  return {
    factors,
    learn: (distance, halfWidths, resolved, pinnedHalfWidth) => {
      // Feedback is late by the horizon, and neighbouring outcomes overlap: a full step each would overshoot.
      const step = max(minStep, firstStep / sqrt(resolved)) / horizonSteps;
      for (let j = 0; j < levelCount; j++) {
        const halfWidth = halfWidths[j] as number;
        const missRate = missRates[j] as number;
        if (distance > halfWidth) {
          logFactors[j] = (logFactors[j] as number) + step * (1 - missRate);
        } else if (halfWidth >= pinnedHalfWidth) {
          // Anti-windup: below that, shrinking changes nothing a price could show, and an hour of equal prices
          // would wind the factor down so far that the hour after it is missed.
          logFactors[j] = (logFactors[j] as number) + step * (0 - missRate);
        }
      }
      refresh();
    },
    save: () => encodeFloats(logFactors),
    load: (state) => {
      decodeFloats(state, logFactors, 'calibration factors');
      refresh();
    },
  };
};

/** In place, ascending. The built-in sort of typed arrays costs more than the rest of an update. */
const sortFew = (values: Float64Array): void => {
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number;
    let at = i;
    while (at > 0 && (values[at - 1] as number) > value) {
      values[at] = values[at - 1] as number;
      at--;
    }
    values[at] = value;
  }
};
