import { InvalidOption, InvalidPrice, SnapshotRefused } from './errors.js';
import { createHorizon, type HorizonSnapshot } from './horizon.js';
import { isPrice } from './price.js';
import { checkVersion, readNumber, readOptionalNumber, readRecord } from './snapshot-codec.js';
import { createEwmaBank, defaultHalfLifeSteps, type EwmaBankState } from './volatility/ewma-bank.js';

const { abs, log } = Math;

export interface ForecasterOptions {
  /** How many grid steps ahead. */
  readonly horizonSteps: number;
  /** Smallest price move of the instrument. Sigma is never below it. @default 0 */
  readonly tickSize?: number;
}

/** All in log returns over the horizon; half widths by level, in the order of `levels`. */
export interface IntervalForecast {
  readonly center: number;
  readonly sigma: number;
  /** Absent for the first 100 prices. */
  readonly halfWidths?: readonly number[];
}

export interface ResolvedForecast extends Omit<IntervalForecast, 'sigma'> {
  readonly return: number;
  /** By level: whether the return fell into the interval. */
  readonly covered?: readonly boolean[];
}

export interface ForecasterUpdate {
  /** The forecast made exactly `horizonSteps` updates ago, and what came. */
  readonly resolved?: ResolvedForecast;
  readonly forecast: IntervalForecast;
}

export interface ForecasterSnapshot {
  readonly version: 1;
  readonly horizonSteps: number;
  readonly lastLogPrice: number | null;
  readonly volatility: EwmaBankState;
  readonly horizon: HorizonSnapshot;
}

/**
 * Streaming interval forecaster of one horizon: the log return over `horizonSteps` steps of an even grid. An update
 * uses nothing but its price and what came before; a forecast is judged when its target is reached, never earlier.
 */
export interface Forecaster {
  /**
   * One grid step.
   * @param center foretold log return over the horizon. @default 0, the random walk
   * @throws InvalidPrice and changes nothing.
   */
  update(price: number, center?: number): ForecasterUpdate;
  snapshot(): ForecasterSnapshot;
  /** Goes on bit for bit where the snapshot was taken. @throws SnapshotRefused and changes nothing. */
  restore(snapshot: unknown): void;
}

const snapshotVersion = 1;

/** @throws InvalidOption */
export const createForecaster = ({ horizonSteps, tickSize = 0 }: ForecasterOptions): Forecaster => {
  if (!Number.isSafeInteger(horizonSteps) || horizonSteps < 1) {
    throw new InvalidOption(`horizonSteps must be an integer of at least 1, got ${horizonSteps}`);
  }
  if (!(tickSize >= 0 && Number.isFinite(tickSize))) {
    throw new InvalidOption(`tickSize must be a number of at least 0, got ${tickSize}`);
  }
  const blank = () => ({
    bank: createEwmaBank(),
    horizon: createHorizon(horizonSteps, defaultHalfLifeSteps.length),
    lastLogPrice: undefined as number | undefined,
  });
  let state = blank();

  return {
    update: (price, center = 0) => {
      if (!isPrice(price)) throw new InvalidPrice(price);
      const { bank, horizon } = state;
      const logPrice = log(price);
      if (state.lastLogPrice !== undefined) bank.push((logPrice - state.lastLogPrice) ** 2);
      state.lastLogPrice = logPrice;
      const outcome = horizon.step(logPrice, tickSize / price, bank.variances, center);
      const { sigma, calibrated, halfWidths } = horizon.current;
      const forecast = { center, sigma, ...(calibrated ? { halfWidths: [...halfWidths] } : {}) };
      if (outcome === undefined) return { forecast };
      const distance = abs(outcome.return - outcome.center);
      const intervals = outcome.calibrated && {
        halfWidths: [...outcome.halfWidths],
        covered: Array.from(outcome.halfWidths, (halfWidth) => distance <= halfWidth),
      };
      return { resolved: { return: outcome.return, center: outcome.center, ...intervals }, forecast };
    },
    snapshot: () => ({
      version: snapshotVersion,
      horizonSteps,
      lastLogPrice: state.lastLogPrice ?? null,
      volatility: state.bank.save(),
      horizon: state.horizon.save(),
    }),
    restore: (snapshot) => {
      const saved = readRecord(snapshot, 'snapshot');
      checkVersion(saved['version'], snapshotVersion);
      if (readNumber(saved['horizonSteps'], 'horizonSteps') !== horizonSteps) {
        throw new SnapshotRefused(
          'snapshot-options',
          `the snapshot is of horizonSteps ${saved['horizonSteps']}, this forecaster of ${horizonSteps}`,
        );
      }
      // Into a blank state first: a snapshot that breaks half-way must leave the running one whole.
      const next = blank();
      next.lastLogPrice = readOptionalNumber(saved['lastLogPrice'], 'lastLogPrice');
      next.bank.load(saved['volatility']);
      next.horizon.load(saved['horizon']);
      state = next;
    },
  };
};
