import { decodeFloats, encodeFloats, readCount, readRecord } from '../snapshot-codec.js';

/**
 * Exponentially weighted variances of one-step log returns at several memories at once (RiskMetrics 1996; several
 * time scales side by side as in Corsi 2009), corrected for the bias of a short history.
 */
export interface EwmaBank {
  /** Variance of one step, by half-life; 0 before the first return. Changed in place by `push`. */
  readonly variances: Float64Array;
  push(squaredReturn: number): void;
  save(): EwmaBankState;
  load(state: unknown): void;
}

export interface EwmaBankState {
  readonly sums: string;
  readonly weights: string;
  readonly still: number;
}

/**
 * Creates a bank.
 * @param maxStillSteps after this many steps in a row without a move the bank pauses until the price moves: zeros would
 *   empty it, and a still market says nothing about the market after it.
 */
export const createEwmaBank = (halfLifeSteps: readonly number[], maxStillSteps: number): EwmaBank => {
  const size = halfLifeSteps.length;
  const decays = Float64Array.from(halfLifeSteps, (steps) => 0.5 ** (1 / steps));
  const sums = new Float64Array(size);
  const weights = new Float64Array(size);
  const variances = new Float64Array(size);
  let still = 0;

  const refresh = (): void => {
    for (let i = 0; i < size; i++) {
      const weight = weights[i] as number;
      variances[i] = weight > 0 ? (sums[i] as number) / weight : 0;
    }
  };

  return {
    variances,
    push: (squaredReturn) => {
      still = squaredReturn === 0 ? still + 1 : 0;
      if (still > maxStillSteps) return;
      for (let i = 0; i < size; i++) {
        const decay = decays[i] as number;
        sums[i] = decay * (sums[i] as number) + (1 - decay) * squaredReturn;
        weights[i] = decay * (weights[i] as number) + (1 - decay);
      }
      refresh();
    },
    save: () => ({ sums: encodeFloats(sums), weights: encodeFloats(weights), still }),
    load: (state) => {
      const saved = readRecord(state, 'volatility');
      decodeFloats(saved['sums'], sums, 'volatility sums');
      decodeFloats(saved['weights'], weights, 'volatility weights');
      still = readCount(saved['still'], 'still steps');
      refresh();
    },
  };
};

/** Combines the members of the bank into one standard deviation, and learns from outcomes how far to trust each. */
export interface SigmaMixer {
  /**
   * Expected standard deviation over the horizon.
   * @param variances over the horizon, by member, each at least the square of the tick.
   * @param logTick the tick as a share of the price.
   */
  sigma(variances: Float64Array, logTick: number): number;
  /**
   * Learns from an outcome.
   * @param variances as they were when the resolved forecast was made.
   * @param squaredOutcome of the whole horizon, at least the square of the tick so that its scale is never zero.
   * @param resolved outcomes known by now, including this one.
   */
  learn(variances: Float64Array, squaredOutcome: number, logTick: number, resolved: number): void;
  save(): string;
  load(state: unknown): void;
}
