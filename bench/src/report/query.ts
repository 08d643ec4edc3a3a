import type { FigureName, Run } from './run.js';
import { type Spread, spreadOf } from './spread.js';

/** Which runs; what is left out may be anything. */
export type Selection = Partial<Pick<Run, 'scenario' | 'peer' | 'clients' | 'channels' | 'load'>>;

export const select = (runs: readonly Run[], selection: Selection): readonly Run[] => {
  const wanted = Object.entries(selection) as [keyof Selection, unknown][];
  return runs.filter((run) => wanted.every(([key, value]) => run[key] === value));
};

/** A figure over the rounds. */
export const figure = (runs: readonly Run[], name: FigureName): Spread | undefined =>
  spreadOf(runs.map(({ figures }) => figures[name]).filter((value) => value !== undefined));

/** What a round of one is to the same round of the other, over the rounds: noise that hits both cancels out. */
export const ratio = (ours: readonly Run[], theirs: readonly Run[], name: FigureName): Spread | undefined => {
  const ratios: number[] = [];
  for (const { round, figures } of ours) {
    const mine = figures[name];
    const other = theirs.find((run) => run.round === round)?.figures[name];
    if (mine !== undefined && other !== undefined && other !== 0) ratios.push(mine / other);
  }
  return spreadOf(ratios);
};
