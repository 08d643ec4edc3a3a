import type { FigureName, Run } from './run.js';

/** Several measurements of the same thing. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Undefined without values. */
export const spreadOf = (values: readonly number[]): Spread | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const upper = sorted[sorted.length >> 1] as number;
  const lower = sorted[(sorted.length - 1) >> 1] as number;
  return { min, median: (lower + upper) / 2, max };
};

/** Selects runs; a field that is left out may have any value. */
export type Selection = Partial<Pick<Run, 'scenario' | 'peer' | 'clients' | 'channels' | 'load'>>;

export const select = (runs: readonly Run[], selection: Selection): readonly Run[] => {
  const wanted = Object.entries(selection) as [keyof Selection, unknown][];
  return runs.filter((run) => wanted.every(([key, value]) => run[key] === value));
};

/** The spread of a figure over the rounds. */
export const figure = (runs: readonly Run[], name: FigureName): Spread | undefined =>
  spreadOf(runs.map(({ figures }) => figures[name]).filter((value) => value !== undefined));

/** The spread of the ratio between the same rounds of two servers: noise that hits both cancels out. */
export const ratio = (ours: readonly Run[], theirs: readonly Run[], name: FigureName): Spread | undefined => {
  const ratios: number[] = [];
  for (const { round, figures } of ours) {
    const mine = figures[name];
    const other = theirs.find((run) => run.round === round)?.figures[name];
    if (mine !== undefined && other !== undefined && other !== 0) ratios.push(mine / other);
  }
  return spreadOf(ratios);
};
