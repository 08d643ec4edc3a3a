import type { Clock } from '@tickwire/protocol';
import { Counter, Gauge, Registry } from 'prom-client';
import { collectProcessMetrics } from '../metrics/gateway-metrics.js';
import type { Metrics } from './messages.js';
import { addCounts, readMetrics, renderTogether } from './together.js';
import type { WorkerExit, WorkerProcess } from './worker-process.js';

export interface CrewMetricsOptions {
  readonly workers: ReadonlySet<WorkerProcess>;
  readonly size: number;
  readonly clock: Pick<Clock, 'after'>;
}

/** The metrics of all workers together, with the primary's own. */
export interface CrewMetrics {
  /** As text. Who asks while others wait for it gets the same. */
  readonly gather: () => Promise<string>;
  /** What it counted stays in the sums: a counter never goes back. */
  ended(worker: WorkerProcess, exit: WorkerExit): void;
}

/** How long a worker may take to answer; then its last answer counts. */
const answerMs = 1_000;

export const createCrewMetrics = ({ workers, size, clock }: CrewMetricsOptions): CrewMetrics => {
  const registry = new Registry();
  const registers = [registry];
  collectProcessMetrics(registry);
  let ofEnded: Metrics = [];
  let silent = 0;
  let gathering: Promise<string> | undefined;

  const gauge = (name: string, help: string, read: () => number): void => {
    const metric: Gauge = new Gauge({ name: `tickwire_${name}`, help, registers, collect: () => metric.set(read()) });
  };
  gauge('workers', 'Workers that serve clients', () => [...workers].filter(({ state }) => state === 'serving').length);
  gauge('workers_wanted', 'Workers that there are to be', () => size);
  gauge('workers_silent', 'Workers that did not answer in time, so that their last answer counts here', () => silent);
  const exits = new Counter({
    name: 'tickwire_worker_exits_total',
    help: 'Ends of workers, by kind: as it was to be, with an error, or killed',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of ['orderly', 'error', 'signal']) exits.inc({ kind }, 0);

  const gatherAll = async (): Promise<string> => {
    const asked = [...workers].filter(({ state }) => state !== 'starting');
    let cancel = (): void => {};
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.after(answerMs, resolve);
    });
    const owing = new Set(asked);
    const answers = asked.map(async (worker) => {
      // One that has not spoken for seconds is not asked: nothing would take the question.
      if (worker.isSilent) return deadline;
      await worker.askMetrics();
      owing.delete(worker);
    });
    await Promise.race([Promise.all(answers), deadline]);
    cancel();
    silent = owing.size;
    return renderTogether([await readMetrics(registry), ofEnded, ...asked.map(({ metrics }) => metrics)]);
  };

  return {
    gather() {
      gathering ??= gatherAll().finally(() => {
        gathering = undefined;
      });
      return gathering;
    },
    ended({ metrics }, { code, signal }) {
      exits.inc({ kind: signal !== null ? 'signal' : code === 0 ? 'orderly' : 'error' });
      ofEnded = addCounts(ofEnded, metrics);
    },
  };
};
