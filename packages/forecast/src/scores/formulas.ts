import { levelCount, missRates } from '../levels.js';

const { max, min, sqrt } = Math;

/**
 * Interval score of a central interval around a centre (Winkler 1972; Gneiting & Raftery 2007): its width, plus, for a
 * miss, 2/alpha times the distance missed. Lower is better; in the unit of its arguments.
 */
export const intervalScore = (distance: number, halfWidth: number, missRate: number): number =>
  2 * halfWidth + (distance > halfWidth ? (2 / missRate) * (distance - halfWidth) : 0);

/**
 * Continuous ranked probability score, approximated by twice the mean pinball loss of the centre and both ends of
 * every interval, written as the weighted interval score (Bracher et al. 2021).
 * @param scores interval scores by level.
 */
export const crpsApproximation = (distance: number, scores: Float64Array): number => {
  let sum = distance / 2;
  for (let j = 0; j < levelCount; j++) sum += ((missRates[j] as number) / 2) * (scores[j] as number);
  return sum / (levelCount + 0.5);
};

const z95 = 1.959963984540054;

/**
 * 95 % confidence band of a share (Wilson 1927). Outcomes of one horizon overlap, so pass the number of outcomes
 * divided by the horizon's steps: the number of independent ones.
 */
export const shareBand = (share: number, independentCount: number): readonly [low: number, high: number] => {
  const n = max(independentCount, 1);
  const spread = z95 * sqrt((share * (1 - share)) / n + (z95 * z95) / (4 * n * n));
  const middle = share + (z95 * z95) / (2 * n);
  const scale = 1 + (z95 * z95) / n;
  return [max(0, (middle - spread) / scale), min(1, (middle + spread) / scale)];
};
