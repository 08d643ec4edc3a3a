import { imbalanceOf } from './center/imbalance-center.js';
import { InvalidOption, SnapshotRefused } from './errors.js';
import type { Level } from './levels.js';
import { methodOf } from './method.js';
import type { ScoredHorizon } from './scored-horizon.js';
import type { Scores } from './scores/scorecard.js';
import { readRecord, readVersion } from './snapshot-codec.js';
import { fromVersion1 } from './snapshot-version-1.js';
import { createSymbolCore, type SymbolCoreState } from './symbol-core.js';

const { ceil, exp, log, min } = Math;

export interface SymbolForecasterOptions {
  /** Milliseconds between two steps. */
  readonly gridMs: number;
  /**
   * Whole multiples of the grid, without repeats. A horizon of 1 s on a 1 s grid is centred by the imbalance of sizes.
   */
  readonly horizonsSeconds: readonly number[];
  /** Smallest price move of the instrument. @default 0 */
  readonly tickSize?: number;
}

/** The data of a grid step. The price is a mid or an index, or the last trade carried forward. */
export interface GridSample {
  readonly price: number;
  /** Size at the best bid and ask. Only their ratio counts. */
  readonly bidSize?: number;
  readonly askSize?: number;
  /** Smallest price move, as far as known. @default the option of the forecaster */
  readonly tickSize?: number;
  /** Nothing was observed since the last step: the price is the old one. @default false */
  readonly isCarried?: boolean;
}

export interface HorizonForecast {
  readonly seconds: number;
  /** Centre of the intervals, a price. */
  readonly center: number;
  /** Standard deviation of the log return to the horizon. */
  readonly sigma: number;
  /** Central intervals by level, as prices. */
  readonly levels: Readonly<Record<Level, readonly [low: number, high: number]>>;
  /** Fewer than 500 times the horizon's steps are resolved: the coverage may be off by some percent. */
  readonly warming: boolean;
}

/**
 * Why a step has no forecast:
 * - `no-price`: the caller said so (stale, outage);
 * - `bad-price`: not a finite number above zero;
 * - `suspect-print`: impossibly far from the last price; the next observation decides;
 * - `starting`: the first 100 prices.
 */
export type WithheldReason = 'no-price' | 'bad-price' | 'suspect-print' | 'starting';

export type SymbolStep =
  | { readonly kind: 'forecast'; readonly price: number; readonly horizons: readonly HorizonForecast[] }
  | { readonly kind: 'withheld'; readonly reason: WithheldReason };

export interface HorizonScores extends Scores {
  readonly seconds: number;
  readonly warming: boolean;
  /** Outcomes known, including those of forecasts without intervals. */
  readonly resolved: number;
  /** Forecasts whose target fell into a gap. */
  readonly unresolved: number;
}

export interface SymbolSnapshot {
  readonly version: 2;
  readonly gridMs: number;
  readonly horizonsSeconds: readonly number[];
  readonly state: SymbolCoreState;
}

/**
 * Forecasts of one symbol on one grid, for every horizon, with their scores. It has no clock: the caller calls `step`
 * exactly once per grid step, or reports the missed steps with `interrupt`.
 */
export interface SymbolForecaster {
  /** Prices that turned out to be bad prints, or were not prices. */
  readonly badPrices: number;
  /**
   * Scores the forecasts whose target is this step, learns from the price, and forecasts from it. Levels are prices.
   * @param sample null if there is no trustworthy price: the stream is stale or down
   */
  step(sample: GridSample | null): SymbolStep;
  /**
   * Reports steps for which `step` was not called. Forecasts with a target in them stay unresolved, and the move across
   * them is not learnt as one of a single step.
   * @param missedSteps @default Infinity, which drops every pending forecast
   */
  interrupt(missedSteps?: number): void;
  /** Full scores by horizon. */
  scores(): readonly HorizonScores[];
  /** Plain JSON; about 140 kB for the horizons 1, 10, 60 and 300 s, 60 kB for 1, 5 and 15 min. */
  snapshot(): SymbolSnapshot;
  /**
   * Continues bit for bit from the snapshot, or warm from one of version 1; call `interrupt` with the steps missed
   * since.
   * @throws SnapshotRefused and changes nothing.
   */
  restore(snapshot: unknown): void;
}

const snapshotVersion = 2;
const warmingOutcomesPerStep = 500;

/** Intervals wider than a factor of 10^8 are cut there: their ends stay finite and above zero. */
const maxHalfWidth = log(1e8);

/** Whether it has a logarithm. */
const isPrice = (value: number): boolean => value > 0 && value < Infinity;

/** @throws InvalidOption */
export const createSymbolForecaster = (options: SymbolForecasterOptions): SymbolForecaster => {
  const { gridMs, horizonsSeconds } = options;
  const horizonSteps = checkedHorizonSteps(options);
  const centeredIndex = gridMs === 1000 ? horizonsSeconds.indexOf(1) : -1;
  const method = methodOf(gridMs);
  const blank = () => createSymbolCore(horizonSteps, centeredIndex, method);
  let core = blank();

  const isWarming = (i: number, { resolved }: ScoredHorizon): boolean =>
    resolved < warmingOutcomesPerStep * (horizonSteps[i] as number);

  const forecastOf = (price: number, horizon: ScoredHorizon, i: number): HorizonForecast => {
    const { sigma, halfWidths } = horizon.current;
    const center = price * exp(horizon.current.center);
    const interval = (j: number): readonly [number, number] => {
      const ratio = exp(min(halfWidths[j] as number, maxHalfWidth));
      return [center / ratio, center * ratio];
    };
    return {
      seconds: horizonsSeconds[i] as number,
      center,
      sigma,
      levels: { 50: interval(0), 80: interval(1), 90: interval(2), 95: interval(3) },
      warming: isWarming(i, horizon),
    };
  };

  return {
    get badPrices() {
      return core.badPrices;
    },
    step: (sample) => {
      if (sample === null) {
        core.gap(1);
        return { kind: 'withheld', reason: 'no-price' };
      }
      const { price, bidSize, askSize, tickSize = options.tickSize ?? 0, isCarried = false } = sample;
      if (!isPrice(price)) {
        core.refuse();
        return { kind: 'withheld', reason: 'bad-price' };
      }
      const imbalance = imbalanceOf(bidSize, askSize);
      if (!core.advance({ logPrice: log(price), logTick: tickSize / price, imbalance }, isCarried)) {
        return { kind: 'withheld', reason: 'suspect-print' };
      }
      // Horizons start together: they count prices, not outcomes.
      if (!core.horizons.every((horizon) => horizon.current.calibrated)) {
        return { kind: 'withheld', reason: 'starting' };
      }
      return { kind: 'forecast', price, horizons: core.horizons.map((horizon, i) => forecastOf(price, horizon, i)) };
    },
    interrupt: (missedSteps = Infinity) => {
      if (!(missedSteps >= 0)) throw new InvalidOption(`missedSteps must be at least 0, got ${missedSteps}`);
      core.gap(ceil(missedSteps));
    },
    scores: () =>
      core.horizons.map((horizon, i) => ({
        seconds: horizonsSeconds[i] as number,
        warming: isWarming(i, horizon),
        resolved: horizon.resolved,
        unresolved: horizon.unresolved,
        ...horizon.scores(),
      })),
    snapshot: () => ({
      version: snapshotVersion,
      gridMs,
      horizonsSeconds: [...horizonsSeconds],
      state: core.save(),
    }),
    restore: (snapshot) => {
      const saved = readRecord(snapshot, 'snapshot');
      const version = readVersion(saved['version'], [1, snapshotVersion]);
      const from = JSON.stringify([saved['gridMs'], saved['horizonsSeconds']]);
      const here = JSON.stringify([gridMs, horizonsSeconds]);
      if (from !== here) {
        throw new SnapshotRefused(
          'snapshot-options',
          `the snapshot has [gridMs, horizonsSeconds] ${from}, this forecaster has ${here}`,
        );
      }
      // Load into a blank core first: a malformed snapshot must leave the running one unchanged.
      const next = blank();
      next.load(version === 1 ? fromVersion1(saved['state'], method, horizonSteps) : saved['state']);
      core = next;
    },
  };
};

const checkedHorizonSteps = ({ gridMs, horizonsSeconds, tickSize = 0 }: SymbolForecasterOptions): number[] => {
  if (!Number.isSafeInteger(gridMs) || gridMs < 1) {
    throw new InvalidOption(`gridMs must be an integer of at least 1, got ${gridMs}`);
  }
  if (!(tickSize >= 0 && Number.isFinite(tickSize))) {
    throw new InvalidOption(`tickSize must be a number of at least 0, got ${tickSize}`);
  }
  if (horizonsSeconds.length === 0) throw new InvalidOption('horizonsSeconds must name at least one horizon');
  if (new Set(horizonsSeconds).size < horizonsSeconds.length) {
    throw new InvalidOption(`horizonsSeconds must differ from each other, got ${horizonsSeconds.join(', ')}`);
  }
  return horizonsSeconds.map((seconds) => {
    const steps = (seconds * 1000) / gridMs;
    if (!Number.isSafeInteger(steps) || steps < 1) {
      throw new InvalidOption(`a horizon must be a multiple of the grid of ${gridMs} ms, got ${seconds} s`);
    }
    return steps;
  });
};
