import type { GroupLayer } from '@tickwire/channel-layer';
import type { Hub, HubCounters, HubObserver } from '@tickwire/hub';
import { Counter, Histogram } from 'prom-client';
import type { LayerLoss } from '../readiness/layer-loss.js';
import type { GatewayMetrics } from './gateway-metrics.js';

/** Metrics of the hub and the channel layer, in the gateway's registry. */
export interface HubMetrics {
  /** The observer to pass to the hub. */
  readonly observer: HubObserver;
  /** From now on the hub's numbers are read at each render: a delivery costs nothing more. */
  watch(hub: Hub): void;
  close(): void;
}

export interface HubMetricsOptions {
  readonly metrics: Pick<GatewayMetrics, 'registry' | 'gauge' | 'counter' | 'counterBy'>;
  readonly layer: Pick<GroupLayer, 'onEvent'>;
  readonly layerLoss: Pick<LayerLoss, 'reason'>;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

const latencyBuckets = [0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every label has a fixed, small set of values: no symbol, channel or client is one. */
export const createHubMetrics = ({ metrics, layer, layerLoss, now = Date.now }: HubMetricsOptions): HubMetrics => {
  const { registry, gauge, counter, counterBy } = metrics;
  const registers = [registry];

  const latency = new Histogram({
    name: 'tickwire_latency_seconds',
    help: 'Time a publication took, by stage; producer_to_gateway may be negative because clocks differ',
    labelNames: ['stage'],
    buckets: latencyBuckets,
    registers,
  });
  // Looked up once: a label costs more than the observation.
  const toGateway = latency.labels({ stage: 'producer_to_gateway' });
  const toSocket = latency.labels({ stage: 'gateway_to_socket' });
  const flushWindow = new Histogram({
    name: 'tickwire_flush_window_seconds',
    help: 'How long the oldest item of a pass waited for the pass to begin',
    buckets: latencyBuckets,
    registers,
  });

  gauge('layer_up', '1 while all of Redis is reachable', () => Number(layerLoss.reason === undefined), 'min');
  const layerEvents = new Counter({
    name: 'tickwire_layer_events_total',
    help: 'Events of the channel layer: connections lost and restored, bad messages, dropped messages, failed listeners',
    labelNames: ['event'],
    registers,
  });
  for (const event of ['lost', 'restored', 'poison', 'dropped', 'listener-failed']) layerEvents.inc({ event }, 0);
  const stop = layer.onEvent((event) => {
    layerEvents.inc({ event: event.type }, 'count' in event ? event.count : 1);
  });

  const watch = (hub: Hub): void => {
    const count = (name: string, help: string, read: (counters: Readonly<HubCounters>) => number): void =>
      counter(name, help, () => read(hub.counters));
    const countBy = (
      name: string,
      help: string,
      label: string,
      read: (counters: Readonly<HubCounters>) => Readonly<Record<string, number>>,
    ): void => counterBy(name, help, label, () => read(hub.counters));
    const sum = (of: (session: Hub['sessions'] extends ReadonlySet<infer S> ? S : never) => number): number => {
      let total = 0;
      for (const session of hub.sessions) total += of(session);
      return total;
    };

    gauge('subscriptions', 'Streams that clients follow', () => sum(({ streams }) => streams.length));
    gauge('channels', 'Channels this gateway follows; of several workers the most', () => hub.channels.size, 'max');
    gauge('outbox_bytes', 'Bytes waiting for clients', () => sum(({ outboxBytes }) => outboxBytes));
    gauge('slow_sessions', 'Slow clients that receive only the newest items', () =>
      sum(({ isConflated }) => Number(isConflated)),
    );

    count('publications', 'Publications received, once each', ({ publications }) => publications);
    count('deliveries', 'Items handed to sockets', ({ deliveries }) => deliveries);
    count('writes', 'Writes to sockets', ({ writes }) => writes);
    count('sent_bytes', 'Bytes handed to sockets', ({ bytes }) => bytes);
    countBy('closes', 'Clients closed by the gateway, by reason', 'reason', ({ closes }) => Object.fromEntries(closes));
    count('conflated', 'Items slow clients did not receive because a newer one replaced them', (c) => c.conflated);
    count('session_conflations', 'Times a client fell behind its outbox', ({ slowSessions }) => slowSessions);
    count('slow_closed', 'Clients closed because they accepted no bytes for too long', ({ slowClosed }) => slowClosed);
    countBy('dropped', 'Messages not delivered, by reason', 'reason', (c) => ({
      duplicate: c.duplicates,
      lost: c.lost,
      unencodable: c.unencodable,
      forged: c.forged,
    }));
    countBy('recoveries', 'Clients that asked for what they missed', 'outcome', (c) => ({
      recovered: c.recovered,
      unrecovered: c.unrecovered,
    }));
    count('gaps', 'Holes found in the order of a channel', ({ gaps }) => gaps);
    count('repaired', 'Publications read back from history', ({ repaired }) => repaired);
    countBy('history_reads', 'Reads of history for clients, by outcome', 'outcome', (c) => ({
      read: c.historyReads,
      shared: c.historyShared,
    }));
    count('failed_reads', 'Reads of history that were retried', ({ failedReads }) => failedReads);
    count('failed_taps', 'Streams of consumers that failed on a publication', ({ failedTaps }) => failedTaps);
  };

  return {
    observer: {
      published({ message }) {
        const { pts } = message;
        if (typeof pts === 'number') toGateway.observe((now() - pts) / 1_000);
      },
      passed(waitedMs, writtenMs) {
        flushWindow.observe(waitedMs / 1_000);
        toSocket.observe(writtenMs / 1_000);
      },
    },
    watch,
    close: stop,
  };
};
