import { gaussianHalfWidths, levelCount, missRates } from '../levels.js';
import { decodeFloats, encodeFloats, readRecord } from '../snapshot-codec.js';

const { exp, log, max, sqrt } = Math;

/**
 * For every level the factor between sigma and half width. Each outcome moves it so that the share of misses tends to
 * the level's miss rate (quantile tracking, Angelopoulos, Candes & Tibshirani 2023). It moves the logarithm: a width is
 * always positive and finite. A slow term ensures the coverage in the long run; a fast one that decays levels the
 * coverage of the last hours (the P beside the I of their conformal PID).
 */
export interface QuantileTracker {
  /** Ascending, so intervals nest. Changed in place by `learn`. */
  readonly factors: Float64Array;
  /**
   * Learns from an outcome.
   * @param distance of the outcome from the centre.
   * @param halfWidths of the forecast that this outcome resolves.
   * @param resolved outcomes known by now, including this one.
   * @param pinnedHalfWidth up to this half width an interval is indistinguishable from one of width zero.
   */
  learn(distance: number, halfWidths: Float64Array, resolved: number, pinnedHalfWidth: number): void;
  save(): QuantileTrackerState;
  load(state: unknown): void;
}

export interface QuantileTrackerState {
  readonly slow: string;
  readonly fast: string;
}

export interface QuantileTrackerSteps {
  /** The limit that the slow step falls to. */
  readonly slow: number;
  /** 0 for none. */
  readonly fast: number;
}

const firstStep = 0.3;
/** The fast term forgets half in this many outcomes, or in as many horizons if that is longer. */
const fastHalfLifeOutcomes = 100;
const fastHalfLifeHorizons = 20;

export const createQuantileTracker = (horizonSteps: number, steps: QuantileTrackerSteps): QuantileTracker => {
  const slow = Float64Array.from(gaussianHalfWidths, log);
  const fast = new Float64Array(levelCount);
  const factors = new Float64Array(levelCount);
  const fastDecay = 0.5 ** (1 / max(fastHalfLifeOutcomes, fastHalfLifeHorizons * horizonSteps));
  const fastStep = steps.fast / horizonSteps;

  const refresh = (): void => {
    for (let j = 0; j < levelCount; j++) factors[j] = exp((slow[j] as number) + (fast[j] as number));
    // Rearrangement: each level moves separately and may pass its neighbour.
    sortFew(factors);
  };
  refresh();

  return {
    factors,
    learn: (distance, halfWidths, resolved, pinnedHalfWidth) => {
      // Feedback is late by the horizon, and neighbouring outcomes overlap: a full step for each would overshoot.
      const slowStep = max(steps.slow, firstStep / sqrt(resolved)) / horizonSteps;
      for (let j = 0; j < levelCount; j++) {
        const halfWidth = halfWidths[j] as number;
        const missRate = missRates[j] as number;
        // Anti-windup: a pinned width is not narrowed. That would change nothing visible in a price, and an hour of
        // equal prices would lower the factor so far that the hour after it is missed.
        const miss = distance > halfWidth ? 1 - missRate : halfWidth >= pinnedHalfWidth ? -missRate : 0;
        slow[j] = (slow[j] as number) + slowStep * miss;
        fast[j] = fastDecay * (fast[j] as number) + fastStep * miss;
      }
      refresh();
    },
    save: () => ({ slow: encodeFloats(slow), fast: encodeFloats(fast) }),
    load: (state) => {
      const saved = readRecord(state, 'calibration');
      decodeFloats(saved['slow'], slow, 'slow calibration');
      decodeFloats(saved['fast'], fast, 'fast calibration');
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
