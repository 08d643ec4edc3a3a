import { hostname } from 'node:os';
import type { Retention } from '@tickwire/channel-layer';
import type { ExchangeFeedStatus } from '@tickwire/market';
import type { Health, MarketMessage } from '@tickwire/protocol';
import { droppedLogLines, version } from '@tickwire/runtime';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BarLosses } from '../pipeline/dropped-trades.js';
import type { PublisherCounters } from '../publish/publisher.js';
import { createMessageMetrics } from './message-metrics.js';
import { registerVenueMetrics } from './venue-metrics.js';

export interface ProducerMetrics {
  /** Records the forecast scores and the feed state in a message. */
  observe(message: MarketMessage): void;
  /** Renders the text of `/metrics`, with its content type. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
}

export interface ProducerMetricsSource {
  counters(): PublisherCounters;
  readonly buffered: number;
  readonly isLeading: boolean;
  readonly retention: Pick<Retention, 'share' | 'reductions'>;
  readonly stalled: { readonly sinceMs: number } | undefined;
  setAside(): ReadonlyMap<string, string>;
  streams(): readonly Health[];
  venues(): readonly ExchangeFeedStatus[];
  barLosses(): readonly BarLosses[];
  readonly feedDifference: string | undefined;
  badPrices(): number;
  unrestored(): number;
}

const publisherCounters: Readonly<Record<keyof PublisherCounters, string>> = {
  published: 'Messages published',
  overflowed: 'Messages lost from a full buffer',
  refused: 'Messages that no history would accept',
  republished: 'Messages published again into a history without its end',
  retries: 'Calls repeated because history was out of reach',
  epochs: 'Epochs begun',
  passed: 'Updates of open bars, and signs of life, sent without being kept',
  unpassed: 'The same that the layer did not accept',
};

type Read = (from: ProducerMetricsSource) => number;

/** Gauges by name after `tickwire_producer_`. */
const gauges: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  leading: ['1 while this producer leads', ({ isLeading }) => Number(isLeading)],
  buffered: ['Messages waiting to be published', ({ buffered }) => buffered],
  stalled_seconds: [
    'How long nothing could be published although something waits',
    ({ stalled }) => (stalled === undefined ? 0 : (performance.now() - stalled.sinceMs) / 1_000),
  ],
  groups_set_aside: ['Groups that Redis rejects while it takes others', (from) => from.setAside().size],
  feed_differs: [
    '1 while this stands by with another feed than its leader',
    ({ feedDifference }) => Number(feedDifference !== undefined),
  ],
  history_share_ratio: ['Share of the planned history that is kept', ({ retention }) => retention.share],
};

/** Counters by name between `tickwire_producer_` and `_total`. */
const counters: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  log_lines_dropped: ['Lines of the log dropped because they could not be written', droppedLogLines],
  bad_prices: ['Prices that forecasts took for bad prints', (from) => from.badPrices()],
  unrestored_forecasts: ['Symbols whose kept forecasts could not be used', (from) => from.unrestored()],
  history_reductions: ['Times history was reduced because Redis was full', ({ retention }) => retention.reductions],
  ...Object.fromEntries(
    Object.entries(publisherCounters).map(([name, help]) => [
      name,
      [help, (from: ProducerMetricsSource) => from.counters()[name as keyof PublisherCounters]] as const,
    ]),
  ),
};

/** Every series of a named part has the label `part`. Until there is a source, what comes from it has no value. */
export const createProducerMetrics = (
  source: () => ProducerMetricsSource | undefined,
  part?: string,
): ProducerMetrics => {
  const registry = new Registry();
  if (part !== undefined) registry.setDefaultLabels({ part });
  collectDefaultMetrics({ register: registry });
  // These are gauges whose names look like counters.
  for (const kind of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  const registers = [registry];
  new Gauge({
    name: 'tickwire_build_info',
    help: 'What runs here, and its name',
    labelNames: ['app', 'name', 'host', 'version'],
    registers,
  }).set({ app: 'producer', name: 'producer', host: hostname(), version }, 1);
  for (const [name, [help, read]] of Object.entries(gauges)) {
    const gauge = new Gauge({
      name: `tickwire_producer_${name}`,
      help,
      registers,
      collect() {
        const from = source();
        if (from !== undefined) gauge.set(read(from));
      },
    });
  }
  for (const [name, [help, read]] of Object.entries(counters)) {
    const counter = new Counter({
      name: `tickwire_producer_${name}_total`,
      help,
      registers,
      collect() {
        counter.reset();
        const from = source();
        if (from !== undefined) counter.inc(read(from));
      },
    });
  }
  registerVenueMetrics(registry, source);
  return {
    observe: createMessageMetrics(registry),
    async render() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
};
