import type { Clock } from '@tickwire/protocol';
import { Registry } from 'prom-client';
import { collectProcessMetrics } from '../metrics/gateway-metrics.js';
import type { Metrics } from './messages.js';
import { addCounts, countWorkers, readMetrics, renderTogether } from './together.js';
import type { WorkerExit, WorkerProcess } from './worker-process.js';

export interface CrewMetricsOptions {
  readonly workers: ReadonlySet<WorkerProcess>;
  readonly size: number;
  readonly clock: Pick<Clock, 'after'>;
}

/** The metrics of all workers together, with the primary's own. */
export interface CrewMetrics {
  /** Returns the metrics as text. Callers that wait at the same time get the same text. */
  readonly gather: () => Promise<string>;
  /** What an ended worker counted stays in the sums, because a counter never goes back. */
  ended(worker: WorkerProcess, exit: WorkerExit): void;
}

/** How long a worker may take to answer; after that its last answer counts. */
const answerMs = 1_000;

export const createCrewMetrics = ({ workers, size, clock }: CrewMetricsOptions): CrewMetrics => {
  const registry = new Registry();
  collectProcessMetrics(registry);
  let ofEnded: Metrics = [];
  let silent = 0;
  let gathering: Promise<string> | undefined;

  const counts = countWorkers(registry, {
    serving: () => [...workers].filter(({ state }) => state === 'serving').length,
    wanted: size,
    silent: () => silent,
  });

  const gatherAll = async (): Promise<string> => {
    const asked = [...workers].filter(({ state }) => state !== 'starting');
    let cancel = (): void => {};
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.after(answerMs, resolve);
    });
    const owing = new Set(asked);
    const answers = asked.map(async (worker) => {
      // A worker that has been silent for seconds is not asked: it would not read the question.
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
      counts.ended(signal !== null ? 'signal' : code === 0 ? 'orderly' : 'error');
      ofEnded = addCounts(ofEnded, metrics);
    },
  };
};
