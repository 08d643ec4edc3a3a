import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Metrics } from './messages.js';

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

/** What only grows, summed value by value; what a process last was is of no use when it has ended. */
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
