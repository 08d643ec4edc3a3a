import { createSymbolForecaster, type HorizonScores } from '@tickwire/forecast';
import { createGarchModel } from './baselines/garch-t.js';
import { createComparison, type MethodScores } from './comparison.js';
import type { GridStep } from './grid.js';
import type { GridName } from './options.js';

export interface GridUnit {
  readonly name: GridName;
  readonly gridMs: number;
  readonly seconds: number;
  /** For people: `60 s`, `5 min`. */
  readonly unit: string;
  readonly defaultHorizons: readonly number[];
  /** Usual decay of an EWMA variance at this step. */
  readonly ewmaDecay: number;
}

export const gridUnits: Readonly<Record<GridName, GridUnit>> = {
  '1s': { name: '1s', gridMs: 1000, seconds: 1, unit: 's', defaultHorizons: [1, 10, 60, 300], ewmaDecay: 0.97 },
  '1m': { name: '1m', gridMs: 60_000, seconds: 60, unit: 'min', defaultHorizons: [1, 5, 15], ewmaDecay: 0.94 },
};

export interface HorizonResult {
  /** In units of the grid. */
  readonly horizon: number;
  readonly ours: HorizonScores;
  readonly others: readonly MethodScores[];
}

export interface WalkCounts {
  readonly steps: number;
  /** Steps with the price of the last step. */
  readonly carried: number;
  readonly outages: number;
  readonly badPrices: number;
}

/** One pass over a recording: the forecaster and the other methods see every step once, in order. */
export interface Walk {
  take(step: GridStep): void;
  results(): readonly HorizonResult[];
  counts(): WalkCounts;
}

export interface WalkOptions {
  readonly grid: GridUnit;
  /** In units of the grid. */
  readonly horizons: readonly number[];
  readonly tickSize: number;
}

export const createWalk = ({ grid, horizons, tickSize }: WalkOptions): Walk => {
  const forecaster = createSymbolForecaster({
    gridMs: grid.gridMs,
    horizonsSeconds: horizons.map((horizon) => horizon * grid.seconds),
    tickSize,
  });
  const garch = createGarchModel(86_400 / grid.seconds);
  const comparisons = horizons.map((horizon) => createComparison(horizon, grid.ewmaDecay, garch));
  /** Price of the last step; undefined after a gap. */
  let lastLogPrice: number | undefined;
  let steps = 0;
  let carried = 0;
  let outages = 0;

  const skip = (missed: number): void => {
    lastLogPrice = undefined;
    for (const comparison of comparisons) comparison.gap(missed);
  };

  return {
    take: (step) => {
      if (step.kind === 'gap') {
        outages++;
        forecaster.interrupt(step.steps);
        skip(step.steps);
        return;
      }
      steps++;
      if (step.carried) carried++;
      const made = forecaster.step({ ...step.sample, isCarried: step.carried });
      // A price that the forecaster holds back would ruin the scores of the other methods, so they skip it too.
      if (made.kind === 'withheld' && made.reason === 'suspect-print') {
        skip(1);
        return;
      }
      const logPrice = Math.log(step.sample.price);
      const move = lastLogPrice === undefined ? undefined : logPrice - lastLogPrice;
      lastLogPrice = logPrice;
      garch.observe(move);
      for (const comparison of comparisons) comparison.step(logPrice, move);
    },
    results: () => {
      const ours = forecaster.scores();
      return horizons.map((horizon, i) => ({
        horizon,
        ours: ours[i] as HorizonScores,
        others: comparisons[i]?.scores() ?? [],
      }));
    },
    counts: () => ({ steps, carried, outages, badPrices: forecaster.badPrices }),
  };
};
