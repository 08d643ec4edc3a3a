import { readCount, readNumber, readOptionalNumber, readRecord } from '../snapshot-codec.js';
import { createRecursiveLeastSquares, type RecursiveLeastSquaresState } from './recursive-least-squares.js';

const { max, min } = Math;

/**
 * Centre of the next step's log return from the imbalance of the best bid and ask sizes, (bid - ask) / (bid + ask)
 * (Cont, Kukanov & Stoikov 2014; Stoikov 2018). Gated by its skill so far: without skill it is the random walk.
 */
export interface ImbalanceCenter {
  /**
   * Call once per step, after its outcome; it forgets the earlier prediction.
   * @param imbalance in [-1, 1]; absent if a size is unknown, which gives the random walk.
   * @returns the predicted log return of the next step.
   */
  predict(imbalance: number | undefined): number;
  /** Learns the log return that followed the last `predict`. Do not call it unless it is a return of one step. */
  learn(outcome: number): void;
  /** The share of the regression's forecast that is used: 0 to 1. */
  gate(): number;
  save(): ImbalanceCenterState;
  load(state: unknown): void;
}

export interface ImbalanceCenterState {
  readonly regression: RecursiveLeastSquaresState;
  readonly outcomes: number;
  readonly squaredErrors: number;
  readonly squaredMoves: number;
  readonly pendingImbalance: number | null;
}

const skillHalfLifeOutcomes = 300;
/** A discounted R2 of 5 % or more opens the gate fully. */
const gateSlope = 20;
/** Skill measured on fewer outcomes is luck. */
const minOutcomes = 60;

/** `undefined` unless both sizes are known and one is above zero. */
export const imbalanceOf = (bidSize: number | undefined, askSize: number | undefined): number | undefined => {
  if (bidSize === undefined || askSize === undefined) return undefined;
  const total = bidSize + askSize;
  return bidSize >= 0 && askSize >= 0 && total > 0 && Number.isFinite(total) ? (bidSize - askSize) / total : undefined;
};

export const createImbalanceCenter = (): ImbalanceCenter => {
  const regression = createRecursiveLeastSquares({ size: 1 });
  const discount = 0.5 ** (1 / skillHalfLifeOutcomes);
  const features = new Float64Array(1);
  let outcomes = 0;
  let squaredErrors = 0;
  let squaredMoves = 0;
  let pendingImbalance: number | undefined;

  const gate = (): number => {
    if (outcomes < minOutcomes || squaredMoves === 0) return 0;
    return min(1, max(0, gateSlope * (1 - squaredErrors / squaredMoves)));
  };

  return {
    gate,
    predict: (imbalance) => {
      pendingImbalance = imbalance;
      if (imbalance === undefined) return 0;
      features[0] = imbalance;
      return gate() * regression.predict(features);
    },
    learn: (outcome) => {
      if (pendingImbalance === undefined) return;
      features[0] = pendingImbalance;
      pendingImbalance = undefined;
      // The skill is that of the forecast as made, before this outcome teaches the regression.
      const error = outcome - regression.predict(features);
      squaredErrors = discount * squaredErrors + error * error;
      squaredMoves = discount * squaredMoves + outcome * outcome;
      outcomes++;
      regression.learn(features, outcome);
    },
    save: () => ({
      regression: regression.save(),
      outcomes,
      squaredErrors,
      squaredMoves,
      pendingImbalance: pendingImbalance ?? null,
    }),
    load: (state) => {
      const saved = readRecord(state, 'imbalance centre');
      regression.load(saved['regression']);
      outcomes = readCount(saved['outcomes'], 'imbalance outcomes');
      squaredErrors = readNumber(saved['squaredErrors'], 'imbalance squared errors');
      squaredMoves = readNumber(saved['squaredMoves'], 'imbalance squared moves');
      pendingImbalance = readOptionalNumber(saved['pendingImbalance'], 'imbalance');
    },
  };
};
