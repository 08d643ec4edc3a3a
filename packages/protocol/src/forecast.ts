import { z } from 'zod';
import { type Immutable, marketHeader, price, time } from './fields.js';

const score = z.number().nullable();
const band = z.tuple([price, price]).describe('`[low, high]`');

/**
 * Live scores of a horizon. They are updated with each outcome; each forecast is scored once its target has passed.
 * Null before there are enough outcomes. docs/forecasting.md explains them.
 */
export const forecastScoresSchema = z
  .object({
    n: z.int().min(0).describe('Outcomes so far.'),
    coverage: z
      .object({ 50: score, 80: score, 90: score, 95: score })
      .describe('Share of outcomes inside the interval, by level.'),
    coverage90: score.describe('Share of outcomes inside the 90 % interval.'),
    coverage90Band: z
      .tuple([z.number(), z.number()])
      .nullable()
      .describe('95 % confidence band of `coverage90`, `[low, high]`.'),
    recentCoverage90: score.describe('`coverage90` over the last 5,000 outcomes.'),
    worstCoverage90: score.describe('`coverage90` over the worst thousand outcomes in a row.'),
    intervalScore: score.describe('Mean interval score of the 90 % interval, in basis points; lower is better.'),
    baselineScore: score.describe('The interval score of a constant band, for comparison.'),
    gain: score.describe('How much better than the constant band, in percent.'),
    dm: score.describe('Diebold-Mariano statistic of that difference.'),
    crps: score.describe('Continuous ranked probability score, approximately, in basis points.'),
    zeroMoveShare: score.describe('Share of outcomes without a price move.'),
    skill: score.describe('How much better the centre is than the random walk.'),
    skillDm: score.describe('Diebold-Mariano statistic of that difference.'),
    hitRate: score.describe('How often the direction of the centre was right.'),
  })
  .describe('Live scores of a horizon, null before there are enough outcomes. See docs/forecasting.md.');

export const forecastHorizonSchema = z.object({
  seconds: z.int().min(1),
  target: time,
  center: price.describe('Centre of the intervals, a price.'),
  sigma: z.number().describe('Standard deviation of the log return to the horizon.'),
  levels: z
    .object({ 50: band, 80: band, 90: band, 95: band })
    .describe('Central intervals, by the percentage of outcomes that they should contain.'),
  warming: z.boolean().describe('Too few outcomes yet to trust the calibration.'),
  scores: forecastScoresSchema,
});

export const forecastSchema = z.object({
  type: z.literal('price.forecast'),
  ...marketHeader.shape,
  price: price.describe('The price at which the forecast was made.'),
  horizons: z.array(forecastHorizonSchema),
});

export type ForecastScores = Immutable<z.infer<typeof forecastScoresSchema>>;
export type ForecastHorizon = Immutable<z.infer<typeof forecastHorizonSchema>>;
export type IntervalLevel = `${keyof ForecastHorizon['levels']}`;
export type Forecast = Immutable<z.infer<typeof forecastSchema>>;
