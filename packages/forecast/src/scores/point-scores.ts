import { readCount, readNumber, readRecord } from '../snapshot-codec.js';
import { createDieboldMariano, type DieboldMarianoState } from './diebold-mariano.js';

/** Quality of the centre, compared with the random walk, whose forecast is always "no move". */
export interface PointScores {
  /** 1 - MSE / MSE of the random walk (Campbell & Thompson 2008); null before any move. */
  readonly skill: number | null;
  /** Diebold-Mariano statistic of the squared errors; null while the centre never left the random walk. */
  readonly dm: number | null;
  /** Non-overlapping outcomes that moved and had a predicted direction (Pesaran & Timmermann 1992). */
  readonly directions: number;
  /** Share of them predicted correctly; null when there are none. */
  readonly hitRate: number | null;
}

export interface PointScorer {
  push(outcome: number, center: number): void;
  scores(): PointScores;
  save(): PointScorerState;
  load(state: unknown): void;
}

export interface PointScorerState {
  readonly count: number;
  readonly directions: number;
  readonly hits: number;
  readonly squaredErrors: number;
  readonly squaredMoves: number;
  /** Null until the centre first leaves the random walk. */
  readonly differences: DieboldMarianoState | null;
}

export const createPointScorer = (horizonSteps: number): PointScorer => {
  // Only a centre that moves needs it: the random walk does not differ from itself.
  let differences: ReturnType<typeof createDieboldMariano> | undefined;
  let count = 0;
  let directions = 0;
  let hits = 0;
  let squaredErrors = 0;
  let squaredMoves = 0;

  return {
    push: (outcome, center) => {
      const moved = outcome * outcome;
      const missed = (outcome - center) ** 2;
      squaredMoves += moved;
      squaredErrors += missed;
      if (center !== 0) differences ??= createDieboldMariano(horizonSteps);
      differences?.push(moved - missed);
      // Only every horizonSteps-th outcome: overlapping ones share most of their move.
      if (count % horizonSteps === 0 && outcome !== 0 && center !== 0) {
        directions++;
        if (outcome > 0 === center > 0) hits++;
      }
      count++;
    },
    scores: () => ({
      skill: squaredMoves > 0 ? 1 - squaredErrors / squaredMoves : null,
      dm: differences?.statistic() ?? null,
      directions,
      hitRate: directions > 0 ? hits / directions : null,
    }),
    save: () => ({
      count,
      directions,
      hits,
      squaredErrors,
      squaredMoves,
      differences: differences?.save() ?? null,
    }),
    load: (state) => {
      const saved = readRecord(state, 'point scores');
      count = readCount(saved['count'], 'point scores count');
      directions = readCount(saved['directions'], 'directions');
      hits = readCount(saved['hits'], 'direction hits');
      squaredErrors = readNumber(saved['squaredErrors'], 'squared errors');
      squaredMoves = readNumber(saved['squaredMoves'], 'squared moves');
      differences = undefined;
      if (saved['differences'] !== null) {
        differences = createDieboldMariano(horizonSteps);
        differences.load(saved['differences']);
      }
    },
  };
};
