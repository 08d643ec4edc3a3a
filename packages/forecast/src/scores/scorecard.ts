import { type Level, levelCount, mainLevelIndex, missRates } from '../levels.js';
import { decodeFloats, encodeFloats, readCount, readNumber, readRecord } from '../snapshot-codec.js';
import { type CoverageWindowState, createCoverageWindow, type RollingCoverage } from './coverage-window.js';
import { createDieboldMariano, type DieboldMarianoState } from './diebold-mariano.js';
import { crpsApproximation, intervalScore, shareBand } from './formulas.js';
import { createPointScorer, type PointScorerState, type PointScores } from './point-scores.js';

const { abs } = Math;

export interface LevelScores {
  /** Share of all outcomes inside the interval; null before the first. */
  readonly coverage: number | null;
  /** 95 % confidence band of `coverage`, counting only the number of outcomes that do not overlap. */
  readonly band: readonly [low: number, high: number] | null;
  /** Share of the last 5,000 outcomes. */
  readonly recentCoverage: number | null;
  /** Coverage of the last thousand outcomes, with its extremes; null before a thousand. */
  readonly rolling: RollingCoverage | null;
  /** Mean interval score of the outcomes that the constant band also has, in log return. */
  readonly intervalScore: number | null;
  /** The same for the constant band. */
  readonly baselineScore: number | null;
  /** Percent by which the score is lower (better) than the constant band's. */
  readonly gain: number | null;
}

export interface Scores {
  /** Outcomes scored: those of forecasts with intervals. */
  readonly n: number;
  /** Among them, outcomes that the constant band also has. */
  readonly compared: number;
  readonly levels: Readonly<Record<Level, LevelScores>>;
  /**
   * Diebold-Mariano statistic of the 90 % interval scores: above 2 the forecast is better than the constant band, below
   * -2 worse.
   */
  readonly dm: number | null;
  /** Mean approximation of the continuous ranked probability score, in log return. */
  readonly crps: number | null;
  /** Share of outcomes without a move. If it is high, low levels must over-cover: zero is in every interval. */
  readonly zeroMoveShare: number | null;
  readonly point: PointScores;
}

/** Running scores of one horizon, in bounded memory. */
export interface Scorecard {
  /**
   * Scores an outcome.
   * @param halfWidths of the intervals around `center`, by level.
   * @param baselineHalfWidths of the constant band around no move; absent while it has no history.
   */
  record(outcome: number, center: number, halfWidths: Float64Array, baselineHalfWidths?: Float64Array): void;
  scores(): Scores;
  save(): ScorecardState;
  load(state: unknown): void;
}

export interface ScorecardState {
  readonly n: number;
  readonly compared: number;
  readonly zeroMoves: number;
  readonly crpsSum: number;
  readonly hits: string;
  readonly scoreSums: string;
  readonly baselineSums: string;
  readonly window: CoverageWindowState;
  readonly differences: DieboldMarianoState;
  readonly point: PointScorerState;
}

export const createScorecard = (horizonSteps: number): Scorecard => {
  const hits = new Float64Array(levelCount);
  const scoreSums = new Float64Array(levelCount);
  const baselineSums = new Float64Array(levelCount);
  /** Scores of the current outcome. */
  const ownScores = new Float64Array(levelCount);
  const window = createCoverageWindow();
  const differences = createDieboldMariano(horizonSteps);
  const point = createPointScorer(horizonSteps);
  let n = 0;
  let compared = 0;
  let zeroMoves = 0;
  let crpsSum = 0;

  const compare = (distance: number, baseline: Float64Array): void => {
    compared++;
    for (let j = 0; j < levelCount; j++) {
      const baselineScore = intervalScore(distance, baseline[j] as number, missRates[j] as number);
      scoreSums[j] = (scoreSums[j] as number) + (ownScores[j] as number);
      baselineSums[j] = (baselineSums[j] as number) + baselineScore;
      if (j === mainLevelIndex) differences.push(baselineScore - (ownScores[j] as number));
    }
  };

  const gain = (j: number): number | null => {
    const baseline = baselineSums[j] as number;
    return baseline > 0 ? 100 * (1 - (scoreSums[j] as number) / baseline) : null;
  };
  const share = (count: number): number | null => (n === 0 ? null : count / n);

  const levelScores = (j: number): LevelScores => {
    const coverage = share(hits[j] as number);
    return {
      coverage,
      band: coverage === null ? null : shareBand(coverage, n / horizonSteps),
      recentCoverage: window.recent(j),
      rolling: window.rolling(j),
      intervalScore: compared === 0 ? null : (scoreSums[j] as number) / compared,
      baselineScore: compared === 0 ? null : (baselineSums[j] as number) / compared,
      gain: gain(j),
    };
  };

  return {
    record: (outcome, center, halfWidths, baselineHalfWidths) => {
      const distance = abs(outcome - center);
      let covered = 0;
      n++;
      if (outcome === 0) zeroMoves++;
      for (let j = 0; j < levelCount; j++) {
        const halfWidth = halfWidths[j] as number;
        ownScores[j] = intervalScore(distance, halfWidth, missRates[j] as number);
        if (distance > halfWidth) continue;
        covered |= 1 << j;
        hits[j] = (hits[j] as number) + 1;
      }
      window.push(covered);
      crpsSum += crpsApproximation(distance, ownScores);
      point.push(outcome, center);
      if (baselineHalfWidths !== undefined) compare(abs(outcome), baselineHalfWidths);
    },
    scores: () => ({
      n,
      compared,
      levels: { 50: levelScores(0), 80: levelScores(1), 90: levelScores(2), 95: levelScores(3) },
      dm: differences.statistic(),
      crps: share(crpsSum),
      zeroMoveShare: share(zeroMoves),
      point: point.scores(),
    }),
    save: () => ({
      n,
      compared,
      zeroMoves,
      crpsSum,
      hits: encodeFloats(hits),
      scoreSums: encodeFloats(scoreSums),
      baselineSums: encodeFloats(baselineSums),
      window: window.save(),
      differences: differences.save(),
      point: point.save(),
    }),
    load: (state) => {
      const saved = readRecord(state, 'scores');
      n = readCount(saved['n'], 'scores n');
      compared = readCount(saved['compared'], 'scores compared');
      zeroMoves = readCount(saved['zeroMoves'], 'zero moves');
      crpsSum = readNumber(saved['crpsSum'], 'crps sum');
      decodeFloats(saved['hits'], hits, 'hits');
      decodeFloats(saved['scoreSums'], scoreSums, 'score sums');
      decodeFloats(saved['baselineSums'], baselineSums, 'baseline sums');
      window.load(saved['window']);
      differences.load(saved['differences']);
      point.load(saved['point']);
    },
  };
};
