import { hostname } from 'node:os';
import type { Retention } from '@tickwire/channel-layer';
import type { ExchangeFeedStatus } from '@tickwire/market';
import type { Forecast, Health, MarketMessage } from '@tickwire/protocol';
import { droppedLogLines, version } from '@tickwire/runtime';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BarLosses } from '../pipeline/dropped-trades.js';
import type { PublisherCounters } from '../publish/publisher.js';
import { registerVenueMetrics } from './venue-metrics.js';

/** Number of symbols with their own series; more would be too many for Prometheus. All symbols are published. */
const maxSymbols = 100;

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

/** Every series of a named part has the label `part`. */
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
  const symbols = new Set<string>();
  const states = ['live', 'stale', 'down', 'resync'] as const;

  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name: `tickwire_${name}`, help, labelNames: [...labelNames], registers });

  const symbolLabels = ['venue', 'symbol'];
  const horizonLabels = [...symbolLabels, 'horizon_seconds'];
  const coverage = gauge('forecast_coverage_ratio', 'Share of outcomes inside the interval', [
    ...horizonLabels,
    'level',
  ]);
  const ofHorizon = {
    n: gauge('forecast_outcomes', 'Outcomes resolved', horizonLabels),
    recentCoverage90: gauge(
      'forecast_recent_coverage_ratio',
      'Coverage of the 90 % interval, last 5,000',
      horizonLabels,
    ),
    worstCoverage90: gauge('forecast_worst_coverage_ratio', 'Worst 1,000 in a row, 90 % interval', horizonLabels),
    intervalScore: gauge('forecast_interval_score_bp', 'Mean score of the 90 % interval, basis points', horizonLabels),
    baselineScore: gauge('forecast_baseline_score_bp', 'The same of a constant band', horizonLabels),
    gain: gauge('forecast_gain_percent', 'How much better than the constant band', horizonLabels),
    dm: gauge('forecast_gain_dm', 'Diebold-Mariano statistic of the gain', horizonLabels),
    crps: gauge('forecast_crps_bp', 'Continuous ranked probability score, basis points', horizonLabels),
    zeroMoveShare: gauge('forecast_zero_move_ratio', 'Share of outcomes without a move', horizonLabels),
    skill: gauge('forecast_skill_ratio', 'Skill of the centre against the random walk', horizonLabels),
    skillDm: gauge('forecast_skill_dm', 'Diebold-Mariano statistic of the skill', horizonLabels),
    hitRate: gauge('forecast_hit_ratio', 'How often the direction was right', horizonLabels),
  };
  const feedState = gauge('feed_state', '1 for the state the stream is in', [...symbolLabels, 'state']);
  const messages = new Counter({
    name: 'tickwire_messages_total',
    help: 'Messages made, by type',
    labelNames: ['type'],
    registers,
  });

  const latency = new Histogram({
    name: 'tickwire_latency_seconds',
    help: 'Time a publication took, by stage; venue_to_producer may be negative because clocks differ',
    labelNames: ['stage'],
    buckets: [0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });

  const countFromSource = (name: string, help: string, read: (from: ProducerMetricsSource) => number): void => {
    const metric = new Counter({
      name: `tickwire_producer_${name}_total`,
      help,
      registers,
      collect() {
        metric.reset();
        const from = source();
        if (from !== undefined) metric.inc(read(from));
      },
    });
  };
  countFromSource('log_lines_dropped', 'Lines of the log dropped because they could not be written', droppedLogLines);
  const fromSource = (name: string, help: string, read: (from: ProducerMetricsSource) => number): void => {
    const metric = new Gauge({
      name: `tickwire_${name}`,
      help,
      registers,
      collect() {
        const from = source();
        if (from !== undefined) metric.set(read(from));
      },
    });
  };
  fromSource('producer_leading', '1 while this producer leads', ({ isLeading }) => Number(isLeading));
  fromSource('producer_buffered', 'Messages waiting to be published', ({ buffered }) => buffered);
  fromSource(
    'producer_stalled_seconds',
    'How long nothing could be published although something waits',
    ({ stalled }) => (stalled === undefined ? 0 : (performance.now() - stalled.sinceMs) / 1_000),
  );
  fromSource(
    'producer_groups_set_aside',
    'Groups that Redis rejects while it takes others',
    (from) => from.setAside().size,
  );
  fromSource('producer_feed_differs', '1 while this stands by with another feed than its leader', (from) =>
    Number(from.feedDifference !== undefined),
  );
  for (const [name, help] of Object.entries(publisherCounters)) {
    countFromSource(name, help, ({ counters }) => counters()[name as keyof PublisherCounters]);
  }
  countFromSource('bad_prices', 'Prices that forecasts took for bad prints', ({ badPrices }) => badPrices());
  countFromSource('unrestored_forecasts', 'Symbols whose kept forecasts could not be used', (from) =>
    from.unrestored(),
  );
  fromSource(
    'producer_history_share_ratio',
    'Share of the planned history that is kept',
    ({ retention }) => retention.share,
  );
  countFromSource(
    'history_reductions',
    'Times history was reduced because Redis was full',
    ({ retention }) => retention.reductions,
  );

  registerVenueMetrics(registry, source);

  const observeForecast = ({ venue, symbol, horizons }: Forecast): void => {
    for (const { seconds, scores } of horizons) {
      const labels = { venue, symbol, horizon_seconds: seconds };
      for (const [level, share] of Object.entries(scores.coverage)) {
        if (share !== null) coverage.set({ ...labels, level }, share);
      }
      for (const [name, metric] of Object.entries(ofHorizon)) {
        const value = scores[name as keyof typeof ofHorizon];
        if (value !== null) metric.set(labels, value);
      }
    }
  };

  return {
    observe(message) {
      messages.inc({ type: message.type });
      if (message.type === 'price.trade')
        latency.observe({ stage: 'venue_to_producer' }, (message.rts - message.ts) / 1_000);
      if (message.type !== 'price.forecast' && message.type !== 'feed.health') return;
      const { venue, symbol } = message;
      const key = `${venue}.${symbol}`;
      if (!symbols.has(key) && symbols.size >= maxSymbols) return;
      symbols.add(key);
      if (message.type === 'price.forecast') observeForecast(message);
      else for (const state of states) feedState.set({ venue, symbol, state }, Number(state === message.state));
    },
    async render() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
};
