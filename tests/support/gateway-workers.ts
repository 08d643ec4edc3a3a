import { existsSync, readFileSync } from 'node:fs';
import { startTickwire, type TickwireProcess } from './tickwire-process.js';
import { waitFor } from './wait-for.js';

/** A gateway with workers, each in its own process. */
export interface GatewayWorkers extends AsyncDisposable {
  readonly primary: TickwireProcess;
  readonly url: string;
  readonly port: number;
  /** By number of the worker, the id of the process that began to serve last. */
  pids(): ReadonlyMap<number, number>;
  /** The process id of this worker. @throws Error if there is none: no signal must go to process 0. */
  pidOf(worker: number): number;
  /** Lines of the log, parsed. */
  lines(): readonly LogLine[];
  /** The value of a metric, from any of the workers; NaN if it is missing. */
  metric(name: string): Promise<number>;
  readyz(): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
}

export type LogLine = Readonly<Record<string, unknown>>;

export const isRunning = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** The running processes that it started. */
export const childrenOf = (pid: number): readonly number[] =>
  isRunning(pid)
    ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    : [];

/** Makes a request on a new connection: each may reach another worker. */
const ask = (url: string): Promise<Response> => fetch(url, { headers: { Connection: 'close' } });

/** Starts two workers, unless the variables say otherwise. Resolves once all serve. */
export const startGatewayWorkers = async (variables: Readonly<Record<string, string>>): Promise<GatewayWorkers> => {
  const all = { GATEWAY_WORKERS: '2', DRAIN_MS: '200', ...variables };
  const primary = await startTickwire('gateway', all);
  const { url, port } = primary;
  const lines = (): readonly LogLine[] =>
    primary
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  const pids = (): ReadonlyMap<number, number> => {
    const listening = lines().filter(({ msg }) => msg === 'worker listens');
    return new Map(listening.map(({ worker, pid }) => [Number(worker), Number(pid)]));
  };
  const count = Number(all.GATEWAY_WORKERS);
  // On a busy machine one may have failed and been replaced.
  if (count > 1) await waitFor('all workers', () => pids().size === count, 60_000);
  return {
    primary,
    url,
    port,
    lines,
    pids,
    pidOf(worker) {
      const pid = pids().get(worker);
      if (pid === undefined) throw new Error(`no worker ${worker} serves: ${primary.output()}`);
      return pid;
    },
    async metric(name) {
      const text = await (await ask(`${url}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length));
    },
    async readyz() {
      const answer = await ask(`${url}/readyz`);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async [Symbol.asyncDispose]() {
      const pids = childrenOf(primary.pid);
      await primary[Symbol.asyncDispose]();
      await waitFor('its workers to end', () => !pids.some(isRunning));
    },
  };
};
