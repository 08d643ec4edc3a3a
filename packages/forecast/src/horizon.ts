import { createQuantileTracker, type QuantileTrackerState } from './calibration/quantile-tracker.js';
import { createDelayLine, type DelayLineState } from './delay-line.js';
import { levelCount } from './levels.js';
import type { Method } from './method.js';
import { readCount, readRecord } from './snapshot-codec.js';

// Bound once, here and elsewhere: in the test runner, looking up a global costs more than the call.
const { abs, max } = Math;

/** An outcome and the forecast it resolves. All values are log returns over the horizon. */
export interface HorizonOutcome {
  readonly return: number;
  readonly center: number;
  /** Whether that forecast had intervals: the first ones have none. */
  readonly calibrated: boolean;
  /** By level, around `center`; meaningless unless `calibrated`. */
  readonly halfWidths: Float64Array;
}

/** The current forecast of a horizon. */
export interface HorizonState {
  readonly center: number;
  readonly sigma: number;
  readonly calibrated: boolean;
  readonly halfWidths: Float64Array;
}

/**
 * Calibrated intervals for one horizon over a bank shared with other horizons. The next step changes `current` and the
 * returned outcome in place: copy values that must be kept.
 */
export interface Horizon {
  readonly current: HorizonState;
  /** Outcomes seen, including those of forecasts without intervals. */
  readonly resolved: number;
  /** Forecasts whose target passed without a price. */
  readonly unresolved: number;
  /**
   * Processes one grid step with a price.
   * @param logTick the tick as a share of the price, the lower limit of sigma.
   * @param variances of one step, by member of the bank, up to and including this step.
   * @param center predicted log return over the horizon; 0 is the random walk.
   */
  step(logPrice: number, logTick: number, variances: Float64Array, center: number): HorizonOutcome | undefined;
  /** Processes grid steps without a price. */
  skip(steps: number): void;
  save(): HorizonSnapshot;
  load(state: unknown): void;
}

export interface HorizonSnapshot {
  readonly priced: number;
  readonly resolved: number;
  readonly unresolved: number;
  readonly still: number;
  /** Null, here and below, is the initial state. */
  readonly mixer: string | null;
  readonly calibration: QuantileTrackerState;
  readonly pending: DelayLineState | null;
}

/** Prices before a horizon has intervals. */
const startingSteps = 100;

/** Keeps logarithms and divisions finite when there is no tick and no move. */
const minVariance = 1e-18;

// A pending row: the forecast, to be compared with the price when it becomes due.
const originAt = 0;
const centerAt = 1;
/** Zero without intervals: a calibrated width is always above zero. */
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
    // A still market says nothing about the market after it: an hour of stillness would take the calibration the next
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
      // Resolve before forecasting: the forecast made at this price uses what the price teaches, and no earlier one
      // does.
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
