import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Why a client was refused or closed: a fixed list, so that nothing a client sends becomes a series. */
export const refusalReasons = [
  'draining',
  'loop-lag',
  'memory',
  'connections',
  'connections-per-ip',
  'connect-rate',
  'handshake-queue',
  'sockets',
  'sockets-per-ip',
  'unread',
  'host',
  'origin',
  'token',
  'handshake',
  'bad-request',
  'commands',
  'bad-frame',
  'payload',
  'channel-limit',
  'unknown-channel',
  'permission',
  'reads',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** The gateway's metrics. Others add theirs to `registry` before it is rendered first. */
export interface GatewayMetrics {
  readonly registry: Registry;
  refused(reason: RefusalReason): void;
  readonly refusals: Readonly<Record<RefusalReason, number>>;
  /** A gauge that is read when it is rendered. */
  gauge(name: string, help: string, read: () => number): void;
  /** A count that somebody keeps, read when it is rendered. */
  counter(name: string, help: string, read: () => number): void;
  /** The text of `/metrics`, and its content type. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
}

export const createGatewayMetrics = (): GatewayMetrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  // All from the start, so that a rate can be taken of the first.
  const refusals = Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<RefusalReason, number>;
  const refusalsTotal: Counter = new Counter({
    name: 'tickwire_refusals_total',
    help: 'Clients refused or closed for a limit, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      refusalsTotal.reset();
      for (const reason of refusalReasons) refusalsTotal.inc({ reason }, refusals[reason]);
    },
  });
  return {
    registry,
    refusals,
    refused(reason) {
      refusals[reason] += 1;
    },
    gauge(name, help, read) {
      const metric: Gauge = new Gauge({ name: `tickwire_${name}`, help, registers, collect: () => metric.set(read()) });
    },
    counter(name, help, read) {
      const metric: Counter = new Counter({
        ...{ name: `tickwire_${name}_total`, help, registers },
        collect() {
          metric.reset();
          metric.inc(read());
        },
      });
    },
    async render() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
};
