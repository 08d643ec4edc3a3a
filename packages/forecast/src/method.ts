import type { QuantileTrackerSteps } from './calibration/quantile-tracker.js';
import type { SigmaMixer } from './volatility/ewma-bank.js';
import { createExpertMixture } from './volatility/expert-mixture.js';
import { createScaleSum } from './volatility/scale-sum.js';

/**
 * The differences between the grids. Chosen on recorded data (docs/forecasting.md); golden vectors depend on all of
 * them.
 */
export interface Method {
  /** Memories of the bank. */
  readonly halfLifeSteps: readonly number[];
  /** After this many steps in a row without a move the bank pauses until the price moves. */
  readonly maxStillSteps: number;
  /** After this many outcomes in a row without a move learning pauses. */
  readonly maxStillOutcomes: number;
  readonly calibrationSteps: QuantileTrackerSteps;
  createMixer(horizonSteps: number): SigmaMixer;
}

const secondsHalfLives = [10, 30, 100, 300, 1000, 3000];

/** On a grid of seconds: the member of the bank with the best predictions decides. */
const secondsMethod: Method = {
  halfLifeSteps: secondsHalfLives,
  maxStillSteps: Infinity,
  maxStillOutcomes: 300,
  calibrationSteps: { slow: 0.01, fast: 0 },
  createMixer: (horizonSteps) => createExpertMixture(secondsHalfLives.length, horizonSteps),
};

const minutesHalfLives = [1, 3, ...secondsHalfLives];

/** On a grid of minutes or longer steps: a learned sum of all members. Unproven on seconds. */
const minutesMethod: Method = {
  halfLifeSteps: minutesHalfLives,
  maxStillSteps: 60,
  maxStillOutcomes: 60,
  calibrationSteps: { slow: 0.007, fast: 0.04 },
  createMixer: (horizonSteps) => createScaleSum(minutesHalfLives, horizonSteps),
};

export const methodOf = (gridMs: number): Method => (gridMs < 60_000 ? secondsMethod : minutesMethod);
