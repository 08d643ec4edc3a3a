import { createRollingQuantile, type RollingQuantileState } from './calibration/rolling-quantile.js';
import { createDelayLine, type DelayLineState } from './delay-line.js';
import { createHorizon, type HorizonSnapshot, type HorizonState } from './horizon.js';
import { levelCount } from './levels.js';
import type { Method } from './method.js';
import { createScorecard, type ScorecardState, type Scores } from './scores/scorecard.js';
import { readRecord } from './snapshot-codec.js';

const { abs } = Math;

/** A horizon with the constant band beside it, both scored on the same outcomes. */
export interface ScoredHorizon {
  readonly current: HorizonState;
  readonly resolved: number;
  readonly unresolved: number;
  /** See `Horizon.step`. */
  step(logPrice: number, logTick: number, variances: Float64Array, center: number): void;
  /** Grid steps without a price. */
  skip(steps: number): void;
  scores(): Scores;
  save(): ScoredHorizonState;
  load(state: unknown): void;
}

export interface ScoredHorizonState {
  readonly horizon: HorizonSnapshot;
  readonly baseline: RollingQuantileState;
  readonly baselinePending: DelayLineState;
  readonly scorecard: ScorecardState;
}

/** The number of prices before a horizon starts: a quantile of fewer would be too easy to beat. */
const minBaselineOutcomes = 100;

export const createScoredHorizon = (horizonSteps: number, method: Method): ScoredHorizon => {
  const horizon = createHorizon(horizonSteps, method);
  const baseline = createRollingQuantile();
  const baselinePending = createDelayLine(horizonSteps, levelCount);
  const scorecard = createScorecard(horizonSteps);

  return {
    current: horizon.current,
    get resolved() {
      return horizon.resolved;
    },
    get unresolved() {
      return horizon.unresolved;
    },
    step: (logPrice, logTick, variances, center) => {
      const outcome = horizon.step(logPrice, logTick, variances, center);
      if (outcome !== undefined) {
        if (outcome.calibrated) {
          scorecard.record(outcome.return, outcome.center, outcome.halfWidths, baselinePending.due());
        }
        baseline.push(abs(outcome.return));
      }
      if (baseline.size < minBaselineOutcomes) baselinePending.skip(1);
      else baseline.halfWidths(baselinePending.put());
    },
    skip: (steps) => {
      horizon.skip(steps);
      baselinePending.skip(steps);
    },
    scores: scorecard.scores,
    save: () => ({
      horizon: horizon.save(),
      baseline: baseline.save(),
      baselinePending: baselinePending.save(),
      scorecard: scorecard.save(),
    }),
    load: (state) => {
      const saved = readRecord(state, 'scored horizon');
      horizon.load(saved['horizon']);
      baseline.load(saved['baseline']);
      baselinePending.load(saved['baselinePending']);
      scorecard.load(saved['scorecard']);
    },
  };
};
