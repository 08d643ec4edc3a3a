import { createRollingQuantile } from '@tickwire/forecast';
import type { IntervalMethod } from './interval-method.js';

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
