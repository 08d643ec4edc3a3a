import { parseArgs } from 'node:util';
import { UsageError } from '../options.js';
import type { PlanRequest } from './plan.js';

export const usage = `npm run plan -- --clients <n> --channels <n> --rate <n> [options]

  --clients <n>    connected at the same time, 1e6 for a million
  --channels <n>   all that are published
  --rate <n>       publications a second of one channel
  --followed <n>   channels a client follows (20, or all where there are fewer)
  --bytes <n>      of a publication as JSON (200)
  --pass-ms <n>    MIN_PASS_MS: 0 writes each tick when it comes (50)
  --cores <n>      of one gateway's host (8)
`;

const text = { type: 'string' } as const;
const options = {
  clients: text,
  channels: text,
  rate: text,
  followed: text,
  bytes: text,
  'pass-ms': text,
  cores: text,
};
const mostFollowed = 20;

/** @throws UsageError */
export const parsePlanOptions = (args: readonly string[]): PlanRequest => {
  const values = parse(args);
  const channels = whole('channels', values.channels, 1);
  const followed = whole('followed', values.followed ?? String(Math.min(mostFollowed, channels)), 1);
  if (followed > channels) throw new UsageError(`--followed is ${followed}, but there are ${channels} channels`);
  return {
    clients: whole('clients', values.clients, 1),
    channels,
    rate: positive('rate', values.rate),
    followed,
    bytes: whole('bytes', values.bytes ?? '200', 1),
    passMs: whole('pass-ms', values['pass-ms'] ?? '50', 0),
    cores: whole('cores', values.cores ?? '8', 1),
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

/** Digits, with a fraction or an exponent: neither hexadecimal nor nothing, which `Number` would take too. */
const numberForm = /^\d+(\.\d+)?(e\d+)?$/i;

const positive = (name: string, given: string | undefined): number => {
  if (given === undefined) throw new UsageError(`--${name} is missing`);
  const value = numberForm.test(given) ? Number(given) : Number.NaN;
  if (!(value > 0 && Number.isFinite(value))) {
    throw new UsageError(`--${name} is ${given}, but must be a number above 0`);
  }
  return value;
};

const whole = (name: string, given: string | undefined, least: number): number => {
  if (given === undefined) throw new UsageError(`--${name} is missing`);
  const value = numberForm.test(given) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`--${name} is ${given}, but must be a whole number of at least ${least}`);
  }
  return value;
};
