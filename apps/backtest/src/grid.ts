import type { GridSample } from '@tickwire/forecast';
import type { Observation } from './input/observation.js';

/** A sample for a step, or a number of steps without one. */
export type GridStep =
  | { readonly kind: 'sample'; readonly sample: GridSample; readonly carried: boolean }
  | { readonly kind: 'gap'; readonly steps: number };

/**
 * Puts observations on a regular grid, causally: a step has the last observation at or before its end, and is returned
 * only when a later one shows that it is over.
 */
export interface Grid {
  /** Returns the steps that are over now; none while the observation belongs to the newest step. */
  push(observation: Observation): readonly GridStep[];
  /** Returns the newest step, after the last observation. */
  end(): readonly GridStep[];
}

export interface GridOptions {
  readonly gridMs: number;
  /** A longer silence is a gap; a shorter one carries the last sample forward. */
  readonly maxSilentSteps: number;
}

export const createGrid = ({ gridMs, maxSilentSteps }: GridOptions): Grid => {
  let step = Number.NEGATIVE_INFINITY;
  let newest: GridSample | undefined;

  return {
    push: (observation) => {
      const at = Math.max(step, Math.floor(observation.atMs / gridMs));
      const over: GridStep[] = [];
      if (newest !== undefined && at > step) {
        over.push({ kind: 'sample', sample: newest, carried: false });
        const silent = at - step - 1;
        if (silent > maxSilentSteps) over.push({ kind: 'gap', steps: silent });
        else for (let i = 0; i < silent; i++) over.push({ kind: 'sample', sample: newest, carried: true });
      }
      step = at;
      newest = sampleOf(observation);
      return over;
    },
    end: () => (newest === undefined ? [] : [{ kind: 'sample', sample: newest, carried: false }]),
  };
};

const sampleOf = ({ price, bidSize, askSize }: Observation): GridSample =>
  bidSize === undefined || askSize === undefined ? { price } : { price, bidSize, askSize };
