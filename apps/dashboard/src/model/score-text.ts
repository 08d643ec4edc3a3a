import type { ForecastHorizon, ForecastScores } from '@tickwire/protocol';
import type { NumberText } from './number-text.js';

/** The card's text about one horizon. */
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
const promised = 0.9;
/** A difference beyond this is not chance: the 95 % point of the Diebold-Mariano statistic. */
const clearDifference = 1.96;

export const scoreText = ({ scores }: ForecastHorizon, text: NumberText): ScoreText => {
  const coverage = scores.recentCoverage90 ?? scores.coverage90;
  const outcomes = text.count(Math.min(scores.n, recentOutcomes));
  return {
    held: coverage === null ? 'no outcome yet' : `${text.share(coverage)} of the last ${outcomes}`,
    heldNote: heldNote(scores),
    width: widthText(scores, text),
    direction: directionText(scores, text),
  };
};

const heldNote = ({ coverage90, coverage90Band }: ForecastScores): ScoreText['heldNote'] => {
  if (coverage90 === null || coverage90Band === null) return 'unknown';
  const [low, high] = coverage90Band;
  if (high < promised) return 'too few';
  return low > promised ? 'more than promised' : 'as promised';
};

const widthText = ({ gain, dm }: ForecastScores, text: NumberText): string => {
  if (gain === null) return 'not compared yet';
  const percent = text.count(Math.abs(gain));
  if (Math.abs(gain) < 0.5) return 'as tight as a constant band';
  const isChance = dm !== null && Math.abs(dm) < clearDifference;
  return `${percent}% ${gain > 0 ? 'tighter' : 'looser'} than a constant band${isChance ? ', may be chance' : ''}`;
};

const directionText = ({ n, hitRate, skillDm }: ForecastScores, text: NumberText): string => {
  if (n === 0) return 'not known yet';
  const isSkilled = hitRate !== null && hitRate > 0.5 && skillDm !== null && skillDm > clearDifference;
  return isSkilled ? `right in ${text.share(hitRate)} of moves, too small to trade` : 'no better than a coin flip';
};

/** `60 s ahead`, `5 min ahead`. */
export const horizonText = (seconds: number): string =>
  seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
