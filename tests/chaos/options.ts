import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds } from './plan.js';
import { findRegression, regressions } from './regressions.js';

export interface ChaosOptions {
  readonly seed: string;
  readonly minutes: number;
  readonly clients: number;
  /** Trades a second, over all symbols. */
  readonly ticks: number;
  readonly faults: readonly FaultKind[];
  /** Where the report goes as JSON. */
  readonly json?: string;
  /** Silences are reported and decide nothing: for a machine with other work. */
  readonly isPatient: boolean;
  /** The logs stay even when all went well. */
  readonly keep: boolean;
}

export const usage = `npm run chaos -- [options]

  --seed text        what all is drawn from; one is made up and printed without it
  --minutes number   how long faults go on (10)
  --clients number   (300)
  --ticks number     trades a second, over all symbols (240)
  --faults a,b       only these of ${faultKinds.join(', ')}
  --regression name  a seed that failed once: ${regressions.map(({ name }) => name).join(', ') || 'none so far'}
  --json file        writes the report
  --patient          reports how long clients heard nothing, and fails for none of it
  --keep             keeps the logs of a run that passed
`;

/** Arguments that cannot be used. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
  readonly code = 'BAD_ARGUMENTS';
}

/** @throws BadArguments */
export const parseOptions = (args: readonly string[], newSeed: () => string): ChaosOptions => {
  const { values } = parse(args);
  const regression = values.regression === undefined ? undefined : findRegression(values.regression);
  if (values.regression !== undefined && regression === undefined) {
    throw new BadArguments(`no regression is called ${values.regression}`);
  }
  const faults = values.faults?.split(',') ?? regression?.faults ?? faultKinds;
  const unknown = faults.find((name) => !(faultKinds as readonly string[]).includes(name));
  if (unknown !== undefined) throw new BadArguments(`${unknown} is no fault: ${faultKinds.join(', ')}`);
  return {
    seed: values.seed ?? regression?.seed ?? newSeed(),
    minutes: positive('minutes', values.minutes) ?? regression?.minutes ?? 10,
    clients: positive('clients', values.clients) ?? regression?.clients ?? 300,
    ticks: positive('ticks', values.ticks) ?? 240,
    faults: faults as readonly FaultKind[],
    ...(values.json !== undefined && { json: values.json }),
    isPatient: values.patient ?? false,
    keep: values.keep ?? false,
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        minutes: { type: 'string' },
        clients: { type: 'string' },
        ticks: { type: 'string' },
        faults: { type: 'string' },
        regression: { type: 'string' },
        json: { type: 'string' },
        patient: { type: 'boolean' },
        keep: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BadArguments((error as Error).message);
  }
};

const positive = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new BadArguments(`--${name} is ${text}, but must be a number above 0`);
  return value;
};
