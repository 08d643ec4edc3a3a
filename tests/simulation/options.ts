import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds } from './faults.js';
import { findRegression, regressions } from './regressions.js';

export interface SimulationOptions {
  readonly schedules: number;
  readonly firstSeed: number;
  readonly faults: readonly FaultKind[];
  /** Says what happens in each schedule. */
  readonly isTraced: boolean;
}

export const usage = `npm run simulate -- [options]

  --schedules number  how many, each from a seed of its own (1000)
  --seed number       the first seed; one is made up and printed without it
  --faults a,b        only these of ${faultKinds.join(', ')}
  --regression name   a seed that failed once: ${regressions.map(({ name }) => name).join(', ')}
  --trace             prints what happens, line by line
`;

/** Arguments that cannot be used. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
  readonly code = 'BAD_ARGUMENTS';
}

/** @throws BadArguments */
export const parseOptions = (args: readonly string[], newSeed: () => number): SimulationOptions => {
  const values = parse(args);
  const regression = values.regression === undefined ? undefined : findRegression(values.regression);
  if (values.regression !== undefined && regression === undefined) {
    throw new BadArguments(`no regression is called ${values.regression}`);
  }
  const faults = values.faults?.split(',') ?? regression?.faults ?? faultKinds;
  const unknown = faults.find((name) => !(faultKinds as readonly string[]).includes(name));
  if (unknown !== undefined) throw new BadArguments(`${unknown} is not a fault: ${faultKinds.join(', ')}`);
  return {
    schedules: regression === undefined ? (wholeNumber('schedules', values.schedules) ?? 1_000) : 1,
    firstSeed: regression?.seed ?? wholeNumber('seed', values.seed) ?? newSeed(),
    faults: faults as readonly FaultKind[],
    isTraced: values.trace ?? false,
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        schedules: { type: 'string' },
        seed: { type: 'string' },
        faults: { type: 'string' },
        regression: { type: 'string' },
        trace: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new BadArguments((error as Error).message);
  }
};

const wholeNumber = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new BadArguments(`--${name} is ${text}, but must be a whole number from 1`);
  }
  return value;
};
