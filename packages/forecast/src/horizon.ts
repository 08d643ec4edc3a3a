import { createQuantileTracker, type QuantileTrackerState } from './calibration/quantile-tracker.js';
import { createDelayLine, type DelayLineState } from './delay-line.js';
import { levelCount } from './levels.js';
import type { Method } from './method.js';
import { readCount, readRecord } from './snapshot-codec.js';

// Bound once, here and elsewhere: under the test runner a global costs more to look up than to call.
const { abs, max } = Math;

/** An outcome and the forecast it resolves. All in log returns over the horizon. */
export interface HorizonOutcome {
  readonly return: number;
  readonly center: number;
  /** Whether that forecast had intervals: the first ones have none. */
  readonly calibrated: boolean;
  /** By level, about `center`; meaningless unless `calibrated`. */
  readonly halfWidths: Float64Array;
}

/** What a horizon says now. */
export interface HorizonState {
  readonly center: number;
  readonly sigma: number;
  readonly calibrated: boolean;
  readonly halfWidths: Float64Array;
}

/**
 * Calibrated intervals for one horizon over a bank it shares with others. `current` and the outcome returned are
 * changed in place by the next step: copy what must outlive it.
 */
export interface Horizon {
  readonly current: HorizonState;
  /** Outcomes seen, those of forecasts without intervals included. */
  readonly resolved: number;
  /** Forecasts whose target passed without a price. */
  readonly unresolved: number;
  /**
   * One grid step with a price.
   * @param logTick the tick as a share of the price, the floor of sigma.
   * @param variances of one step, by member of the bank, up to and including this step.
   * @param center foretold log return over the horizon; 0 is the random walk.
   */
  step(logPrice: number, logTick: number, variances: Float64Array, center: number): HorizonOutcome | undefined;
  /** Grid steps without a price. */
  skip(steps: number): void;
  save(): HorizonSnapshot;
  load(state: unknown): void;
}

export interface HorizonSnapshot {
  readonly priced: number;
  readonly resolved: number;
  readonly unresolved: number;
  readonly still: number;
  /** Null here and below: as at the start. */
  readonly mixer: string | null;
  readonly calibration: QuantileTrackerState;
  readonly pending: DelayLineState | null;
}

/** Prices before a horizon gives intervals. */
const startingSteps = 100;

/** Keeps logarithms and divisions finite where there is no tick and no move. */
const minVariance = 1e-18;

// A pending row: what was forecast, to be compared with the price when it comes due.
const originAt = 0;
const centerAt = 1;
/** Zero where the forecast had no intervals: a calibrated width is always above zero. */
const halfWidthsAt = 2;
const variancesAt = halfWidthsAt + levelCount;

export const createHorizon = (horizonSteps: number, method: Method): Horizon => {
  const bankSize = method.halfLifeSteps.length;
  const mixer = method.createMixer(horizonSteps);
  const tracker = createQuantileTracker(horizonSteps, method.calibrationSteps);
  const pending = createDelayLine(horizonSteps, variancesAt + bankSize);
  const dueVariances = new Float64Array(bankSize);
  const outcome = { return: 0, center: 0, calibrated: false, halfWidths: new Float64Array(levelCount) };
  const current = { center: 0, sigma: 0, calibrated: false, halfWidths: new Float64Array(levelCount) };
  let priced = 0;
  let resolved = 0;
  let unresolved = 0;
  let still = 0;

  const resolve = (row: Float64Array, logPrice: number, logTick: number): void => {
    outcome.return = logPrice - (row[originAt] as number);
    outcome.center = row[centerAt] as number;
    outcome.calibrated = row[halfWidthsAt] !== 0;
    for (let j = 0; j < levelCount; j++) outcome.halfWidths[j] = row[halfWidthsAt + j] as number;
    for (let i = 0; i < bankSize; i++) dueVariances[i] = row[variancesAt + i] as number;
    const error = outcome.return - outcome.center;
    resolved++;
    still = outcome.return === 0 ? still + 1 : 0;
    // A market asleep says nothing about the one that wakes up: an hour of it would take the calibration the next
    // hour to unlearn.
    if (still > method.maxStillOutcomes) return;
    mixer.learn(dueVariances, max(error * error, logTick * logTick), logTick, resolved);
    if (outcome.calibrated) tracker.learn(abs(error), outcome.halfWidths, resolved, logTick / 2);
  };

  const forecast = (row: Float64Array, logPrice: number, logTick: number, variances: Float64Array): void => {
    row[originAt] = logPrice;
    row[centerAt] = current.center;
    for (let i = 0; i < bankSize; i++) {
      const scaled = (variances[i] as number) * horizonSteps;
      dueVariances[i] = row[variancesAt + i] = max(scaled, logTick * logTick, minVariance);
    }
    current.sigma = mixer.sigma(dueVariances, logTick);
    current.calibrated = priced > startingSteps;
    for (let j = 0; j < levelCount; j++) {
      current.halfWidths[j] = row[halfWidthsAt + j] = current.calibrated
        ? (tracker.factors[j] as number) * current.sigma
        : 0;
    }
  };

  return {
    current,
    get resolved() {
      return resolved;
    },
    get unresolved() {
      return unresolved;
    },
    step: (logPrice, logTick, variances, center) => {
      // Resolve before forecasting: what this price teaches is in the forecast made at it, and in none before.
      const due = pending.due();
      if (due !== undefined) resolve(due, logPrice, logTick);
      priced++;
      current.center = center;
      forecast(pending.put(), logPrice, logTick, variances);
      return due === undefined ? undefined : outcome;
    },
    skip: (steps) => {
      unresolved += pending.skip(steps);
    },
    save: () => ({
      priced,
      resolved,
      unresolved,
      still,
      mixer: mixer.save(),
      calibration: tracker.save(),
      pending: pending.save(),
    }),
    load: (state) => {
      const saved = readRecord(state, 'horizon');
      priced = readCount(saved['priced'], 'priced steps');
      resolved = readCount(saved['resolved'], 'resolved outcomes');
      unresolved = readCount(saved['unresolved'], 'unresolved forecasts');
      still = readCount(saved['still'], 'still outcomes');
      if (saved['mixer'] !== null) mixer.load(saved['mixer']);
      tracker.load(saved['calibration']);
      if (saved['pending'] !== null) pending.load(saved['pending']);
    },
  };
};
