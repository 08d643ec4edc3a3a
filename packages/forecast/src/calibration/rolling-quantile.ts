import { levels } from '../levels.js';
import { decodeFloats, encodeFloats, readCount, readRecord } from '../snapshot-codec.js';

const { floor, max, min } = Math;

/**
 * The band of constant width for comparison: for every level the empirical quantile of the absolute outcomes of a
 * rolling window. An interval forecast is worth what it improves on this.
 */
export interface RollingQuantile {
  /** Number of outcomes in the window. */
  readonly size: number;
  /** Adds an outcome; in a full window it replaces the oldest. */
  push(distance: number): void;
  /** The value that this share of the window is below, the largest for 1 and more; 0 while the window is empty. */
  quantile(share: number): number;
  /** Half widths by level, from the values pushed so far. */
  halfWidths(into: Float64Array): void;
  save(): RollingQuantileState;
  /** @throws SnapshotRefused for what `save` did not return */
  load(state: unknown): void;
}

export interface RollingQuantileState {
  readonly size: number;
  readonly next: number;
  readonly ring: string;
}

const defaultWindowOutcomes = 1000;

export const createRollingQuantile = (windowOutcomes = defaultWindowOutcomes): RollingQuantile => {
  const ring = new Float64Array(windowOutcomes);
  const sorted = new Float64Array(windowOutcomes);
  let size = 0;
  let next = 0;

  /** First index whose value is not below `value`. */
  const position = (value: number): number => {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const quantile = (share: number): number => {
    const rank = min(max(floor(share * size), 0), size - 1);
    return size === 0 ? 0 : (sorted[rank] as number);
  };

  return {
    get size() {
      return size;
    },
    push: (distance) => {
      if (size === windowOutcomes) {
        const gone = position(ring[next] as number);
        sorted.copyWithin(gone, gone + 1, size);
        size--;
      }
      const at = position(distance);
      sorted.copyWithin(at + 1, at, size);
      sorted[at] = distance;
      size++;
      ring[next] = distance;
      next = next + 1 === windowOutcomes ? 0 : next + 1;
    },
    quantile,
    halfWidths: (into) => {
      for (let j = 0; j < levels.length; j++) into[j] = quantile((levels[j] as number) / 100);
    },
    save: () => ({ size, next, ring: encodeFloats(ring) }),
    load: (state) => {
      const saved = readRecord(state, 'constant band');
      size = min(readCount(saved['size'], 'constant band size'), windowOutcomes);
      next = readCount(saved['next'], 'constant band position') % windowOutcomes;
      decodeFloats(saved['ring'], ring, 'constant band ring');
      // Until the ring is full its values are at its start; afterwards all of it counts.
      sorted.fill(0);
      sorted.set(ring.subarray(0, size).toSorted());
    },
  };
};
