import type { HorizonResult } from '../walk.js';

/** A horizon as a row for programs. Null without enough data. */
export interface JsonRow {
  /** Seconds on the 1s grid, minutes on the 1m grid. */
  readonly horizon: number;
  readonly n: number;
  readonly coverage50: number | null;
  readonly coverage80: number | null;
  readonly coverage90: number | null;
  readonly coverage95: number | null;
  /** Mean interval score of the 90 % interval, in basis points. */
  readonly intervalScore: number | null;
  /** The same of the constant band. */
  readonly baselineScore: number | null;
  /** In percent. */
  readonly gain: number | null;
  readonly dm: number | null;
}

export const toBasisPoints = (score: number | null): number | null => (score === null ? null : score * 1e4);

export const jsonRow = ({ horizon, ours: { n, levels, dm } }: HorizonResult): JsonRow => ({
  horizon,
  n,
  coverage50: levels[50].coverage,
  coverage80: levels[80].coverage,
  coverage90: levels[90].coverage,
  coverage95: levels[95].coverage,
  intervalScore: toBasisPoints(levels[90].intervalScore),
  baselineScore: toBasisPoints(levels[90].baselineScore),
  gain: levels[90].gain,
  dm,
});
