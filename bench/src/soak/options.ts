import { parseArgs } from 'node:util';
import { UsageError } from '../options.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly clients: number;
  /** A second, over all channels. */
  readonly ticks: number;
  /** Clients a second that leave; as many reconnect. */
  readonly leaves: number;
  /** Where the report goes as JSON. */
  readonly json?: string;
}

export const usage = `npm run soak -- [options]

  --minutes number   (10)
  --clients number   (2000)
  --ticks number     published a second, over 20 channels (100)
  --leaves number    clients a second that leave and reconnect (40)
  --json file        writes the report with all samples
`;

/** @throws UsageError */
export const parseSoakOptions = (args: readonly string[]): SoakOptions => {
  const { values } = parse(args);
  return {
    minutes: positive('minutes', values.minutes, 10),
    clients: whole('clients', values.clients, 2_000),
    ticks: positive('ticks', values.ticks, 100),
    leaves: positive('leaves', values.leaves, 40),
    ...(values.json !== undefined && { json: values.json }),
  };
};

const parse = (args: readonly string[]) => {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: { minutes: text, clients: text, ticks: text, leaves: text, json: text },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

const positive = (name: string, text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`--${name} is ${text}, but must be a number above 0`);
  }
  return value;
};

const whole = (name: string, text: string | undefined, fallback: number): number => {
  const value = positive(name, text, fallback);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} is ${text}, but must be a whole number`);
  return value;
};
