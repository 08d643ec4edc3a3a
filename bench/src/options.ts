import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { makeFolder } from '@tickwire/market';

export interface BenchOptions {
  /** All without it. */
  readonly scenarios: readonly string[] | undefined;
  readonly rounds: number;
  /** Only these numbers of clients, where a scenario has several. */
  readonly clients: readonly number[] | undefined;
  /** Only these servers, by a part of their name. */
  readonly peers: readonly string[] | undefined;
  /** Length of one measured window. */
  readonly seconds: number;
  readonly isQuick: boolean;
  /** No further run begins after this. */
  readonly limitSeconds: number;
  readonly output: string | undefined;
  /** Renews what is recorded: bench/results/summary.md and .json, peers.svg, and the table in docs/performance.md. */
  readonly writesSummary: boolean;
}

/** A command line that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'BAD_USAGE';
}

export const usage = `npm run bench -- [options]

  --quick               the targets with few clients, one round, in under 90 s
  --scenario <name>     one of: per-write, watchlists, quiet, capacity, sustained, connect-storm, recovery-storm, drops,
                        workers, tls, redis-cluster, stalled, idle-memory, compression, forecast, feeds, growth, fan-out;
                        may be repeated, or stand alone: npm run bench -- feeds
  --rounds <n>          the servers take turns in each (3; 1 with --quick)
  --clients <n>         only this number of clients; may be repeated
  --peer <name>         only servers with this in their name; may be repeated
  --seconds <n>         length of a measured window (2; 1 with --quick)
  --limit <seconds>     no further run begins after this (7200; 80 with --quick)
  --output <file>       where the JSON goes (bench/results/<time>.local.json)
  --summary             renews bench/results (summary.md, summary.json, peers.svg) and the table in docs/performance.md
`;

/** @throws UsageError */
export const parseOptions = (args: readonly string[]): BenchOptions => {
  const { values, positionals } = parse(args);
  const scenarios = [...(values.scenario ?? []), ...positionals];
  const isQuick = values.quick ?? false;
  return {
    scenarios: scenarios.length > 0 ? scenarios : undefined,
    rounds: positive('rounds', values.rounds, isQuick ? 1 : 3),
    clients: values.clients?.map((text) => positive('clients', text, 0)),
    peers: values.peer,
    seconds: positive('seconds', values.seconds, isQuick ? 1 : 2),
    isQuick,
    limitSeconds: positive('limit', values.limit, isQuick ? 80 : 7_200),
    output: values.output,
    writesSummary: values.summary ?? false,
  };
};

/** Makes the file and its folder, so that a run of hours does not end without its result. @throws UsageError */
export const requireWritable = async (option: string, file: string): Promise<void> => {
  try {
    await makeFolder(dirname(file));
    await appendFile(file, '');
  } catch (error) {
    throw new UsageError(`${option} is ${file}, but cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        scenario: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        clients: { type: 'string', multiple: true },
        peer: { type: 'string', multiple: true },
        seconds: { type: 'string' },
        limit: { type: 'string' },
        output: { type: 'string' },
        summary: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

const positive = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`--${name} is ${text}, but must be a number above 0`);
  return value;
};
