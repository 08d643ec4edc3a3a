import type { IntervalMethod } from './interval-method.js';

/**
 * One exponentially weighted variance and Gaussian quantiles (RiskMetrics 1996): what a good textbook gives.
 * @param decay of the variance a step: 0.94 by custom for minutes, 0.97 for seconds.
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

/** Of the central 50, 80, 90 and 95 %. */
const gaussianHalfWidths = [0.6744897501960817, 1.2815515655446004, 1.6448536269514722, 1.959963984540054] as const;
