import { createScorecard, levels, type Scores } from '@tickwire/forecast';
import type { GarchModel } from './baselines/garch-t.js';
import type { IntervalMethod } from './baselines/simple-methods.js';
import { createConstantWidth, createEwmaAci, createPlainEwma } from './baselines/simple-methods.js';

export interface MethodScores {
  readonly name: string;
  readonly scores: Scores;
}

/** The methods to compare with, for one horizon. */
export interface Comparison {
  /** @param move the return of this step, or undefined if that is not a return of one step. */
  step(logPrice: number, move: number | undefined): void;
  gap(steps: number): void;
  scores(): readonly MethodScores[];
}

/** The same minimum as in the forecaster's own comparison with the constant band. */
const minOutcomes = 100;

interface Pending {
  logPrice: number;
  isFilled: boolean;
  isScored: boolean;
  readonly halfWidths: readonly Float64Array[];
  readonly scales: Float64Array;
}

/**
 * @param decay of the EWMA's variance a step.
 * @param garch one for all horizons, which the caller shows every move before.
 */
export const createComparison = (horizonSteps: number, decay: number, garch: GarchModel): Comparison => {
  const methods: readonly IntervalMethod[] = [
    createConstantWidth(),
    createPlainEwma(horizonSteps, decay),
    createEwmaAci(horizonSteps, decay),
    garch.method(horizonSteps),
  ];
  const scorecards = methods.map(() => createScorecard(horizonSteps));
  const pending = Array.from(
    { length: horizonSteps },
    (): Pending => ({
      logPrice: 0,
      isFilled: false,
      isScored: false,
      halfWidths: methods.map(() => new Float64Array(levels.length)),
      scales: new Float64Array(methods.length),
    }),
  );
  let slot = 0;
  let resolved = 0;

  const resolve = (due: Pending, logPrice: number): void => {
    const outcome = logPrice - due.logPrice;
    const [constant] = due.halfWidths;
    methods.forEach((method, m) => {
      const halfWidths = due.halfWidths[m] as Float64Array;
      if (due.isScored) scorecards[m]?.record(outcome, 0, halfWidths, constant);
      method.resolve(outcome, halfWidths, due.scales[m] as number);
    });
    resolved++;
  };

  return {
    step: (logPrice, move) => {
      for (const method of methods) method.observe(move);
      const entry = pending[slot] as Pending;
      if (entry.isFilled) resolve(entry, logPrice);
      entry.logPrice = logPrice;
      entry.isFilled = true;
      entry.isScored = resolved >= minOutcomes;
      methods.forEach((method, m) => {
        entry.scales[m] = method.forecast(entry.halfWidths[m] as Float64Array);
      });
      slot = (slot + 1) % horizonSteps;
    },
    gap: (steps) => {
      for (let i = 0; i < Math.min(steps, horizonSteps); i++) {
        (pending[slot] as Pending).isFilled = false;
        slot = (slot + 1) % horizonSteps;
      }
    },
    scores: () => methods.map(({ name }, m) => ({ name, scores: (scorecards[m] as (typeof scorecards)[0]).scores() })),
  };
};
