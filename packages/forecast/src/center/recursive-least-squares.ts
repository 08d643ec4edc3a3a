import { InvalidOption } from '../errors.js';
import { decodeFloats, encodeFloats, readRecord } from '../snapshot-codec.js';

/** Online linear regression that forgets exponentially. */
export interface RecursiveLeastSquares {
  readonly coefficients: Float64Array;
  predict(features: Float64Array): number;
  learn(features: Float64Array, outcome: number): void;
  /** Trace of the inverse information matrix: never above its start. */
  trace(): number;
  save(): RecursiveLeastSquaresState;
  load(state: unknown): void;
}

export interface RecursiveLeastSquaresState {
  readonly coefficients: string;
  readonly inverse: string;
}

export interface RecursiveLeastSquaresOptions {
  readonly size: number;
  /** The share of the past that remains after a step; below 0.998 the estimate is mostly noise. @default 0.999 */
  readonly forgetting?: number;
  /** Start of the inverse information matrix' diagonal. @default 100 */
  readonly initialVariance?: number;
}

const minForgetting = 0.998;
/**
 * Below this the features carry no information, and the update would only divide the matrix by the forgetting factor.
 */
const minExcitation = 1e-12;

/** @throws InvalidOption */
export const createRecursiveLeastSquares = ({
  size,
  forgetting = 0.999,
  initialVariance = 100,
}: RecursiveLeastSquaresOptions): RecursiveLeastSquares => {
  if (!(forgetting >= minForgetting && forgetting <= 1)) {
    throw new InvalidOption(`forgetting must be from ${minForgetting} to 1, got ${forgetting}`);
  }
  const coefficients = new Float64Array(size);
  const inverse = new Float64Array(size * size);
  const gain = new Float64Array(size);
  const maxTrace = size * initialVariance;
  for (let i = 0; i < size; i++) inverse[i * size + i] = initialVariance;

  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (a[i] as number) * (b[i] as number);
    return sum;
  };
  const at = (i: number, j: number): number => inverse[i * size + j] as number;
  const trace = (): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += at(i, i);
    return sum;
  };

  return {
    coefficients,
    predict: (features) => dot(coefficients, features),
    trace,
    learn: (features, outcome) => {
      if (dot(features, features) < minExcitation) return;
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += at(i, j) * (features[j] as number);
        gain[i] = sum;
      }
      const scale = forgetting + dot(features, gain);
      const error = outcome - dot(coefficients, features);
      for (let i = 0; i < size; i++) {
        coefficients[i] = (coefficients[i] as number) + ((gain[i] as number) / scale) * error;
      }
      // One triangle, written to both: rounding would otherwise make the matrix drift from symmetry and blow up.
      for (let i = 0; i < size; i++) {
        for (let j = i; j < size; j++) {
          const value = (at(i, j) - ((gain[i] as number) * (gain[j] as number)) / scale) / forgetting;
          inverse[i * size + j] = value;
          inverse[j * size + i] = value;
        }
      }
      // Anti-windup: without excitation the matrix grows by 1/forgetting per step, and the next outcome would decide
      // all.
      const excess = trace() / maxTrace;
      if (excess > 1) for (let i = 0; i < size * size; i++) inverse[i] = (inverse[i] as number) / excess;
    },
    save: () => ({ coefficients: encodeFloats(coefficients), inverse: encodeFloats(inverse) }),
    load: (state) => {
      const saved = readRecord(state, 'regression');
      decodeFloats(saved['coefficients'], coefficients, 'regression coefficients');
      decodeFloats(saved['inverse'], inverse, 'regression inverse');
    },
  };
};
