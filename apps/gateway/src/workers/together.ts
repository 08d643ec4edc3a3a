import { AggregatorRegistry, Counter, Gauge, type Registry } from 'prom-client';
import type { Metrics } from './messages.js';

export interface WorkerCounts {
  readonly serving: () => number;
  readonly wanted: number;
  /** That did not answer when they were last asked. */
  readonly silent: () => number;
}

/** How a gateway's workers are, also of one that is a single process: alerts ask for the same everywhere. */
export const countWorkers = (registry: Registry, { serving, wanted, silent }: WorkerCounts) => {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric: Gauge = new Gauge({ name: `tickwire_${name}`, help, registers, collect: () => metric.set(read()) });
  };
  gauge('workers', 'Processes that serve clients', serving);
  gauge('workers_wanted', 'Processes that are to serve clients', () => wanted);
  gauge('workers_silent', 'Workers that did not answer in time: their last answer counts', silent);
  const exits = new Counter({
    name: 'tickwire_worker_exits_total',
    help: 'Ends of workers: in good order, with an error, or killed',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of ['orderly', 'error', 'signal']) exits.inc({ kind }, 0);
  return { ended: (kind: 'orderly' | 'error' | 'signal'): void => exits.inc({ kind }) };
};

export const readMetrics = async (registry: Registry): Promise<Metrics> =>
  (await registry.getMetricsAsJSON()).map(({ name, help, type, aggregator, values }) => ({
    name,
    help,
    type: String(type),
    aggregator,
    values: values.map((value) => ({ ...value })),
  }));

/** One text of the metrics of several processes: summed, or the largest or smallest, as each says (`aggregator`). */
export const renderTogether = async (ofEach: readonly Metrics[]): Promise<string> =>
  AggregatorRegistry.aggregate([...ofEach]).metrics();

const cumulative: ReadonlySet<string> = new Set(['counter', 'histogram', 'summary']);

/** Sums counters value by value. A gauge is left out: it means nothing once its process has ended. */
export const addCounts = (sums: Metrics, more: Metrics): Metrics => {
  const byName = new Map(sums.map((metric) => [metric.name, metric]));
  for (const metric of more) {
    if (!cumulative.has(metric.type)) continue;
    const values = new Map((byName.get(metric.name)?.values ?? []).map((value) => [keyOf(value), value]));
    for (const value of metric.values) {
      const key = keyOf(value);
      values.set(key, { ...value, value: value.value + (values.get(key)?.value ?? 0) });
    }
    byName.set(metric.name, { ...metric, values: [...values.values()] });
  }
  return [...byName.values()];
};

const keyOf = ({ metricName, labels }: Metrics[number]['values'][number]): string =>
  JSON.stringify([metricName, Object.entries(labels).sort()]);
