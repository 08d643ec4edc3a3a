import type { Forecast, ForecastHorizon, ForecastScores } from '@tickwire/protocol';
import type { NumberText } from './number-text.js';

/** What the card says of one horizon, in words. */
export interface ScoreText {
  /** `89.9% of the last 5,000` */
  readonly held: string;
  /** Against the 90 % promised. */
  readonly heldNote: 'as promised' | 'too few' | 'more than promised' | 'unknown';
  readonly width: string;
  readonly direction: string;
}

/** How many outcomes the recent coverage looks back. */
const recentOutcomes = 5_000;
/** Closer than this to 90 % counts as kept: two standard errors of some hundred independent outcomes. */
const heldTolerance = 0.03;
/** A centre that leans less than this share of the 50 % interval's half width leans nowhere. */
const leanShare = 0.1;
const none = '–';

/** Of all outcomes, and by later producers of the newest of them. */
type Scores = ForecastScores & { readonly recentCoverage90?: number | null };

export const scoreText = (forecast: Forecast, horizon: ForecastHorizon, text: NumberText): ScoreText => {
  const scores: Scores = horizon.scores;
  const coverage = scores.recentCoverage90 ?? scores.coverage90;
  const isRecent = scores.recentCoverage90 !== undefined && scores.recentCoverage90 !== null;
  const outcomes = isRecent ? Math.min(scores.n, recentOutcomes) : scores.n;
  return {
    held: coverage === null ? 'no outcome yet' : `${text.share(coverage)} of the last ${text.count(outcomes)}`,
    heldNote: heldNote(coverage),
    width: widthText(scores.gain, text),
    direction: directionText(forecast, horizon, text),
  };
};

const heldNote = (coverage: number | null): ScoreText['heldNote'] => {
  if (coverage === null) return 'unknown';
  if (coverage < 0.9 - heldTolerance) return 'too few';
  return coverage > 0.9 + heldTolerance ? 'more than promised' : 'as promised';
};

const widthText = (gain: number | null, text: NumberText): string => {
  if (gain === null) return none;
  const percent = text.count(Math.abs(gain));
  if (Math.abs(gain) < 0.5) return 'no tighter than a constant band';
  return gain > 0 ? `${percent}% tighter than a constant band` : `${percent}% looser than a constant band`;
};

const directionText = ({ price }: Forecast, { center, levels }: ForecastHorizon, text: NumberText): string => {
  const lean = Number(center) - Number(price);
  const halfWidth = (Number(levels[50][1]) - Number(levels[50][0])) / 2;
  if (!(Math.abs(lean) > leanShare * halfWidth)) return 'no better than a coin flip';
  const points = text.basisPoints((Math.abs(lean) / Number(price)) * 10_000);
  return `leans ${lean > 0 ? 'up' : 'down'} ${points}, less than any fee`;
};

/** `60 s ahead`, `5 min ahead`. */
export const horizonText = (seconds: number): string =>
  seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
