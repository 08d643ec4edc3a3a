export {
  createRollingQuantile,
  type RollingQuantile,
  type RollingQuantileState,
} from './calibration/rolling-quantile.js';
export { InvalidOption, InvalidPrice, type SnapshotRefusal, SnapshotRefused } from './errors.js';
export {
  createForecaster,
  type Forecaster,
  type ForecasterOptions,
  type ForecasterSnapshot,
  type ForecasterUpdate,
  type IntervalForecast,
  type ResolvedForecast,
} from './forecaster.js';
export { type Level, levels } from './levels.js';
export {
  createScorecard,
  type LevelScores,
  type Scorecard,
  type ScorecardState,
  type ScoreSummary,
  type Scores,
} from './scores/scorecard.js';
export {
  createSymbolForecaster,
  type GridSample,
  type HorizonForecast,
  type HorizonScores,
  type SymbolForecaster,
  type SymbolForecasterOptions,
  type SymbolSnapshot,
  type SymbolStep,
  type WithheldReason,
} from './symbol-forecaster.js';
