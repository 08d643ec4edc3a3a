import type { Spread } from './query.js';

/** A target of the benchmark, and the result. */
export interface TargetResult {
  readonly what: string;
  readonly limit: string;
  /** Undefined when it could not be measured: a peer is missing, or a scenario was not run. */
  readonly measured: Spread | undefined;
  readonly unit: string;
  readonly isMet: boolean | undefined;
}

export const atMost = (what: string, limit: number, unit: string, measured: Spread | undefined): TargetResult => ({
  what,
  limit: `<= ${limit} ${unit}`.trimEnd(),
  measured,
  unit,
  isMet: measured && measured.median <= limit,
});

export const atLeast = (what: string, limit: number, unit: string, measured: Spread | undefined): TargetResult => ({
  what,
  limit: `>= ${limit} ${unit}`.trimEnd(),
  measured,
  unit,
  isMet: measured && measured.median >= limit,
});
