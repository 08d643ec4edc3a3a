import { levelCount } from '../levels.js';
import { decodeBytes, decodeFloats, encodeBytes, encodeFloats, readCount, readRecord } from '../snapshot-codec.js';

const { min } = Math;

/**
 * Coverage of the most recent outcomes by level, and the extremes of the coverage of a rolling thousand: a long average
 * can be right while the misses cluster (Christoffersen 1998).
 */
export interface CoverageWindow {
  /** @param covered one bit per level, the lowest for the first. */
  push(covered: number): void;
  /** Share covered in the recent window; null while it is empty. */
  recent(levelIndex: number): number | null;
  /** Null until a thousand outcomes are known. */
  rolling(levelIndex: number): RollingCoverage | null;
  save(): CoverageWindowState;
  load(state: unknown): void;
}

/** Coverage of the last thousand outcomes, and its lowest and highest values ever. */
export interface RollingCoverage {
  readonly current: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface CoverageWindowState {
  readonly size: number;
  readonly next: number;
  readonly ring: string;
  readonly lowest: string;
  readonly highest: string;
}

const recentOutcomes = 5000;
const rollingOutcomes = 1000;

export const createCoverageWindow = (): CoverageWindow => {
  /** One byte per outcome, one bit per level. */
  const ring = new Uint8Array(recentOutcomes);
  const recentHits = new Float64Array(levelCount);
  const rollingHits = new Float64Array(levelCount);
  const lowest = new Float64Array(levelCount).fill(rollingOutcomes);
  const highest = new Float64Array(levelCount);
  let size = 0;
  let next = 0;

  /** The outcome pushed `age` outcomes ago; 1 is the newest. */
  const bitsAt = (age: number): number => ring[(next - age + recentOutcomes) % recentOutcomes] as number;

  return {
    push: (covered) => {
      const leavesRecent = size === recentOutcomes ? bitsAt(recentOutcomes) : 0;
      const leavesRolling = size >= rollingOutcomes ? bitsAt(rollingOutcomes) : 0;
      if (size < recentOutcomes) size++;
      ring[next] = covered;
      next = next + 1 === recentOutcomes ? 0 : next + 1;
      for (let j = 0; j < levelCount; j++) {
        const hit = (covered >> j) & 1;
        const hitsOfThousand = (rollingHits[j] as number) + hit - ((leavesRolling >> j) & 1);
        rollingHits[j] = hitsOfThousand;
        recentHits[j] = (recentHits[j] as number) + hit - ((leavesRecent >> j) & 1);
        if (size < rollingOutcomes) continue;
        if (hitsOfThousand < (lowest[j] as number)) lowest[j] = hitsOfThousand;
        if (hitsOfThousand > (highest[j] as number)) highest[j] = hitsOfThousand;
      }
    },
    recent: (levelIndex) => (size === 0 ? null : (recentHits[levelIndex] as number) / size),
    rolling: (levelIndex) =>
      size < rollingOutcomes
        ? null
        : {
            current: (rollingHits[levelIndex] as number) / rollingOutcomes,
            lowest: (lowest[levelIndex] as number) / rollingOutcomes,
            highest: (highest[levelIndex] as number) / rollingOutcomes,
          },
    save: () => ({
      size,
      next,
      ring: encodeBytes(pairs(ring)),
      lowest: encodeFloats(lowest),
      highest: encodeFloats(highest),
    }),
    load: (state) => {
      const saved = readRecord(state, 'coverage');
      size = min(readCount(saved['size'], 'coverage size'), recentOutcomes);
      next = readCount(saved['next'], 'coverage position') % recentOutcomes;
      unpair(decodeBytes(saved['ring'], recentOutcomes / 2, 'coverage ring'), ring);
      decodeFloats(saved['lowest'], lowest, 'coverage lowest');
      decodeFloats(saved['highest'], highest, 'coverage highest');
      recentHits.fill(0);
      rollingHits.fill(0);
      for (let age = 1; age <= size; age++) {
        for (let j = 0; j < levelCount; j++) {
          const hit = (bitsAt(age) >> j) & 1;
          recentHits[j] = (recentHits[j] as number) + hit;
          if (age <= rollingOutcomes) rollingHits[j] = (rollingHits[j] as number) + hit;
        }
      }
    },
  };
};

/** Four bits per outcome are enough: two outcomes per byte in a snapshot. */
const pairs = (nibbles: Uint8Array): Uint8Array =>
  Uint8Array.from(
    { length: nibbles.length / 2 },
    (_, i) => (nibbles[2 * i] as number) | ((nibbles[2 * i + 1] as number) << 4),
  );

const unpair = (bytes: Uint8Array, into: Uint8Array): void => {
  for (let i = 0; i < bytes.length; i++) {
    into[2 * i] = (bytes[i] as number) & 15;
    into[2 * i + 1] = (bytes[i] as number) >> 4;
  }
};
