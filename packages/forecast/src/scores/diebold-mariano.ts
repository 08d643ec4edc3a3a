import { decodeFloats, encodeFloats, readCount, readNumber, readRecord } from '../snapshot-codec.js';

const { floor, max, min, sqrt } = Math;

/**
 * Diebold & Mariano (1995) test of a stream of loss differences, with a Newey-West variance and the small-sample factor
 * of Harvey, Leybourne & Newbold (1997). Streaming and exact: the same number as from the whole series, in memory
 * bounded by the number of lags.
 */
export interface DieboldMariano {
  push(lossDifference: number): void;
  /** The t statistic; above zero when the differences are. Null while it has no meaning. */
  statistic(): number | null;
  save(): DieboldMarianoState;
  load(state: unknown): void;
}

export interface DieboldMarianoState {
  readonly count: number;
  readonly total: number;
  readonly products: string;
  readonly newest: string;
  readonly oldest: string;
}

/** Enough for the automatic bandwidth up to 26 million outcomes. */
const minLags = 64;
const minCount = 30;

export const createDieboldMariano = (horizonSteps: number): DieboldMariano => {
  const lags = max(horizonSteps - 1, minLags);
  /** By lag: the sum of d(t) d(t - lag). */
  const products = new Float64Array(lags + 1);
  /** The last `lags` values as a ring, and the first ones in order: the ends that a lagged mean leaves out. */
  const newest = new Float64Array(lags);
  const oldest = new Float64Array(lags);
  let count = 0;
  let total = 0;

  /** The value `lag` steps before the next one. */
  const before = (lag: number): number => newest[(count - lag) % lags] as number;

  /** Outcomes overlap over the horizon, and volatility clusters beyond it (Newey & West 1994). */
  const bandwidth = (): number => min(lags, count - 1, max(horizonSteps - 1, floor(4 * (count / 100) ** (2 / 9))));

  return {
    push: (lossDifference) => {
      products[0] = (products[0] as number) + lossDifference * lossDifference;
      const reach = min(count, lags);
      let at = count % lags;
      for (let lag = 1; lag <= reach; lag++) {
        at = at === 0 ? lags - 1 : at - 1;
        products[lag] = (products[lag] as number) + lossDifference * (newest[at] as number);
      }
      if (count < lags) oldest[count] = lossDifference;
      newest[count % lags] = lossDifference;
      total += lossDifference;
      count++;
    },
    statistic: () => {
      if (count < minCount || count <= 2 * horizonSteps) return null;
      const mean = total / count;
      const width = bandwidth();
      let first = 0;
      let last = 0;
      let variance = (products[0] as number) / count - mean * mean;
      for (let lag = 1; lag <= width; lag++) {
        first += oldest[lag - 1] as number;
        last += before(lag);
        const sum = (products[lag] as number) - mean * (2 * total - first - last) + (count - lag) * mean * mean;
        variance += 2 * (1 - lag / (width + 1)) * (sum / count);
      }
      if (!(variance > 0)) return null;
      const h = horizonSteps;
      const smallSample = sqrt((count + 1 - 2 * h + (h * (h - 1)) / count) / count);
      return (smallSample * mean) / sqrt(variance / count);
    },
    save: () => ({
      count,
      total,
      products: encodeFloats(products),
      newest: encodeFloats(newest),
      oldest: encodeFloats(oldest),
    }),
    load: (state) => {
      const saved = readRecord(state, 'loss differences');
      count = readCount(saved['count'], 'loss differences count');
      total = readNumber(saved['total'], 'loss differences total');
      decodeFloats(saved['products'], products, 'loss differences products');
      decodeFloats(saved['newest'], newest, 'loss differences newest');
      decodeFloats(saved['oldest'], oldest, 'loss differences oldest');
    },
  };
};
