import { createRollingQuantile, gaussianHalfWidths, missRates } from '@tickwire/forecast';

/** A method of intervals around the last price, for comparison. Half widths are by level, in log return. */
export interface IntervalMethod {
  readonly name: string;
  /** Called first in each step, with its return, or undefined if that is not a return of one step. */
  observe(move: number | undefined): void;
  /** Called next, if a forecast is due, with its outcome, half widths and scale. */
  resolve(outcome: number, halfWidths: Float64Array, scale: number): void;
  /** Called last: makes the forecast of this step. Returns the scale of its widths; 0 if it has none. */
  forecast(into: Float64Array): number;
}

/** The rolling quantile of the last thousand outcomes: one width, whatever the market does. */
export const createConstantWidth = (): IntervalMethod => {
  const window = createRollingQuantile();
  return {
    name: 'constant width',
    observe: () => {},
    resolve: (outcome) => window.push(Math.abs(outcome)),
    forecast: (into) => {
      window.halfWidths(into);
      return 0;
    },
  };
};

/**
 * One exponentially weighted variance and Gaussian quantiles (RiskMetrics 1996), as in textbooks.
 * @param decay of the variance a step: usually 0.94 for minutes, 0.97 for seconds.
 */
export const createPlainEwma = (horizonSteps: number, decay: number): IntervalMethod => {
  let variance = 0;
  let weight = 0;

  return {
    name: 'plain EWMA',
    observe: (move) => {
      if (move === undefined) return;
      variance = decay * variance + (1 - decay) * move * move;
      weight = decay * weight + (1 - decay);
    },
    resolve: () => {},
    forecast: (into) => {
      const sigma = weight > 0 ? Math.sqrt((variance / weight) * horizonSteps) : 0;
      for (let j = 0; j < into.length; j++) into[j] = (gaussianHalfWidths[j] as number) * sigma;
      return sigma;
    },
  };
};

/**
 * The plain EWMA with adaptive conformal inference (Gibbs & Candes 2021): each outcome moves the target share of
 * misses, and the quantile of the last thousand standardised outcomes is read there.
 */
export const createEwmaAci = (horizonSteps: number, decay: number): IntervalMethod => {
  const ewma = createPlainEwma(horizonSteps, decay);
  const window = createRollingQuantile();
  const aims = Float64Array.from(missRates);
  // Outcomes of a horizon overlap; with a full step for each, the target and the widths would run away.
  const stepSize = 0.005 / horizonSteps;

  return {
    name: 'EWMA + ACI',
    observe: ewma.observe,
    resolve: (outcome, halfWidths, sigma) => {
      if (sigma > 0) window.push(Math.abs(outcome) / sigma);
      for (let j = 0; j < aims.length; j++) {
        const missed = Math.abs(outcome) > (halfWidths[j] as number) ? 1 : 0;
        aims[j] = (aims[j] as number) + stepSize * ((missRates[j] as number) - missed);
      }
    },
    forecast: (into) => {
      const sigma = ewma.forecast(into);
      for (let j = 0; j < into.length; j++) into[j] = sigma * window.quantile(1 - (aims[j] as number));
      return sigma;
    },
  };
};
