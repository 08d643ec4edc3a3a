import { createRollingQuantile, levels } from '@tickwire/forecast';
import type { IntervalMethod } from './interval-method.js';
import { createPlainEwma } from './plain-ewma.js';

/**
 * The plain EWMA with adaptive conformal inference (Gibbs & Candes 2021): the share of misses aimed at is moved
 * after every outcome, and the quantile of the last thousand standardised outcomes read there.
 */
export const createEwmaAci = (horizonSteps: number, decay: number): IntervalMethod => {
  const ewma = createPlainEwma(horizonSteps, decay);
  const window = createRollingQuantile();
  const missRates = levels.map((level) => 1 - level / 100);
  const aims = Float64Array.from(missRates);
  // Outcomes of a horizon overlap; with the whole step for each, the aim runs away and widths with it.
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
