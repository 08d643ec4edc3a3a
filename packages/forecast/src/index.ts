export { createRollingQuantile } from './calibration/rolling-quantile.js';
export { SnapshotRefused } from './errors.js';
export { gaussianHalfWidths, type Level, levels, missRates } from './levels.js';
export { createScorecard, type Scores } from './scores/scorecard.js';
export {
  createSymbolForecaster,
  type GridSample,
  type HorizonForecast,
  type HorizonScores,
  type SymbolForecaster,
  type SymbolStep,
} from './symbol-forecaster.js';
