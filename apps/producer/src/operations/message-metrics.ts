import type { Forecast, MarketMessage } from '@tickwire/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Number of symbols with their own series; more would be too many for Prometheus. All symbols are published. */
const maxSymbols = 100;

const states = ['live', 'stale', 'down', 'resync'] as const;
const symbolLabels = ['venue', 'symbol'] as const;
const horizonLabels = [...symbolLabels, 'horizon_seconds'] as const;

/** Metrics by name after `tickwire_forecast_`, and the score that each shows. */
const scoreMetrics = {
  outcomes: ['n', 'Outcomes resolved'],
  recent_coverage_ratio: ['recentCoverage90', 'Coverage of the 90 % interval, last 5,000'],
  worst_coverage_ratio: ['worstCoverage90', 'Worst 1,000 in a row, 90 % interval'],
  interval_score_bp: ['intervalScore', 'Mean score of the 90 % interval, basis points'],
  baseline_score_bp: ['baselineScore', 'The same of a constant band'],
  gain_percent: ['gain', 'How much better than the constant band'],
  gain_dm: ['dm', 'Diebold-Mariano statistic of the gain'],
  crps_bp: ['crps', 'Continuous ranked probability score, basis points'],
  zero_move_ratio: ['zeroMoveShare', 'Share of outcomes without a move'],
  skill_ratio: ['skill', 'Skill of the centre against the random walk'],
  skill_dm: ['skillDm', 'Diebold-Mariano statistic of the skill'],
  hit_ratio: ['hitRate', 'How often the direction was right'],
} as const;

/**
 * Registers what can be learned from messages: their number and latency, the scores of forecasts, the state of each
 * stream. Returns the function that records a message.
 */
export const createMessageMetrics = (registry: Registry): ((message: MarketMessage) => void) => {
  const registers = [registry];
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
  const feedState = new Gauge({
    name: 'tickwire_feed_state',
    help: '1 for the state the stream is in',
    labelNames: [...symbolLabels, 'state'],
    registers,
  });
  const observeForecast = createForecastMetrics(registry);
  const symbols = new Set<string>();

  return (message) => {
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
  };
};

const createForecastMetrics = (registry: Registry): ((forecast: Forecast) => void) => {
  const registers = [registry];
  const coverage = new Gauge({
    name: 'tickwire_forecast_coverage_ratio',
    help: 'Share of outcomes inside the interval',
    labelNames: [...horizonLabels, 'level'],
    registers,
  });
  const warming = new Gauge({
    name: 'tickwire_forecast_warming',
    help: '1 while too few outcomes are resolved to judge coverage',
    labelNames: horizonLabels,
    registers,
  });
  const scoreGauges = Object.entries(scoreMetrics).map(([name, [score, help]]) => ({
    score,
    gauge: new Gauge({ name: `tickwire_forecast_${name}`, help, labelNames: [...horizonLabels], registers }),
  }));

  return ({ venue, symbol, horizons }) => {
    for (const { seconds, scores, warming: isWarming } of horizons) {
      const labels = { venue, symbol, horizon_seconds: seconds };
      warming.set(labels, Number(isWarming));
      for (const [level, share] of Object.entries(scores.coverage)) {
        if (share !== null) coverage.set({ ...labels, level }, share);
      }
      for (const { score, gauge } of scoreGauges) {
        const value = scores[score];
        if (value !== null) gauge.set(labels, value);
      }
    }
  };
};
