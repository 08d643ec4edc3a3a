import { hostname } from 'node:os';
import { droppedLogLines, version } from '@tickwire/runtime';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Why a client was rejected or closed: a fixed list, so that nothing a client sends becomes a series. */
export const refusalReasons = [
  'draining',
  'loop-lag',
  'memory',
  'connections',
  'connections-per-ip',
  'connect-rate',
  'handshake-queue',
  'request-queue',
  'pipelined',
  'sockets',
  'sockets-per-ip',
  'unread',
  'host',
  'origin',
  'token',
  'api-key',
  'admin-token',
  'handshake',
  'bad-request',
  'commands',
  'bad-frame',
  'payload',
  'channel-limit',
  'unknown-channel',
  'unknown-session',
  'unavailable',
  'permission',
  'reads',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** The gateway's metrics. Others add theirs to `registry` before the first render. */
export interface GatewayMetrics {
  readonly registry: Registry;
  refused(reason: RefusalReason): void;
  readonly refusals: Readonly<Record<RefusalReason, number>>;
  /** Adds a gauge whose value is read at each render. `combined` joins the values of several workers. @default sum */
  gauge(name: string, help: string, read: () => number, combined?: 'sum' | 'min' | 'max'): void;
  /** Adds a counter that is kept elsewhere; its value is read at each render. */
  counter(name: string, help: string, read: () => number): void;
  /** The same with a label that has a fixed, small set of values. */
  counterBy(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void;
}

/** How the values of several processes are combined if not by their sum. */
const combined: Readonly<Record<string, 'min' | 'max'>> = {
  process_start_time_seconds: 'min',
  nodejs_version_info: 'max',
};

/** Metrics of the process itself. A late event loop must not be hidden by those of other processes. */
export const collectProcessMetrics = (registry: Registry): void => {
  collectDefaultMetrics({ register: registry });
  // These gauges have the names of counters.
  for (const kind of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  for (const metric of registry.getMetricsAsArray()) {
    const aggregator = metric.name.startsWith('nodejs_eventloop_lag') ? 'max' : combined[metric.name];
    if (aggregator !== undefined) Object.assign(metric, { aggregator });
  }
};

export const createGatewayMetrics = (name: string): GatewayMetrics => {
  const registry = new Registry();
  const registers = [registry];
  collectProcessMetrics(registry);
  new Gauge({
    name: 'tickwire_build_info',
    help: 'What runs here, and its name',
    labelNames: ['app', 'name', 'host', 'version'],
    aggregator: 'max',
    registers,
  }).set({ app: 'gateway', name, host: hostname(), version }, 1);
  // All reasons exist from the start, so that the first refusal already shows in a rate.
  const refusals = Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<RefusalReason, number>;
  const counterBy: GatewayMetrics['counterBy'] = (name, help, label, read) => {
    const metric: Counter = new Counter({
      name: `tickwire_${name}_total`,
      help,
      labelNames: [label],
      registers,
      collect() {
        metric.reset();
        for (const [value, total] of Object.entries(read())) metric.inc({ [label]: value }, total);
      },
    });
  };
  counterBy('refusals', 'Clients rejected or closed because of a limit, by reason', 'reason', () => refusals);
  const counter: GatewayMetrics['counter'] = (name, help, read) => {
    const metric: Counter = new Counter({
      name: `tickwire_${name}_total`,
      help,
      registers,
      collect() {
        metric.reset();
        metric.inc(read());
      },
    });
  };
  counter('log_lines_dropped', 'Lines of the log dropped because they could not be written', droppedLogLines);
  return {
    registry,
    refusals,
    refused(reason) {
      refusals[reason] += 1;
    },
    gauge(name, help, read, aggregator = 'sum') {
      const metric: Gauge = new Gauge({
        name: `tickwire_${name}`,
        help,
        registers,
        aggregator,
        collect: () => metric.set(read()),
      });
    },
    counter,
    counterBy,
  };
};
