import { describe, expect, it } from '@jest/globals';
import type { ExchangeFeedStatus } from '@tickwire/market';
import type { Forecast } from '@tickwire/protocol';
import { toForecastScores } from '../pipeline/forecast-scores.js';
import { createProducerMetrics } from './metrics.js';

const forecast = (symbol: string): Forecast => ({
  type: 'price.forecast',
  venue: 'sim',
  symbol,
  ts: 1,
  rts: 1,
  price: '1.0',
  horizons: [
    {
      seconds: 60,
      target: 1,
      center: '1.0',
      sigma: 0.1,
      levels: { 50: ['1', '1'], 80: ['1', '1'], 90: ['1', '1'], 95: ['1', '1'] },
      warming: false,
      scores: {
        ...toForecastScores(undefined),
        n: 5_000,
        coverage90: 0.9,
        gain: 6.1,
        coverage: { 50: 0.5, 80: 0.8, 90: 0.9, 95: null },
      },
    },
  ],
});

const retention = { share: 0.75, reductions: 1 };
const noTrouble = { stalled: undefined, setAside: () => new Map([['a', 'WRONGTYPE']]) };
const noCounts = {
  published: 0,
  refused: 0,
  epochs: 0,
  republished: 0,
  overflowed: 0,
  retries: 0,
  passed: 0,
  unpassed: 0,
};
const noFeed = {
  feedDifference: undefined,
  streams: () => [],
  venues: () => [],
  barLosses: () => [],
  badPrices: () => 8,
  unrestored: () => 3,
};

const status: ExchangeFeedStatus = {
  venue: 'binance',
  clockOffset: { offsetMs: -1_273, errorMs: 12, measuredAt: 1 },
  connections: [{ url: 'wss://one.example', openedAt: 1, isFirst: true }],
  instruments: [],
  frames: { frames: 100, bad: 2, oversize: 1, ignored: 5 },
  trades: { duplicates: 3, gaps: 1, missing: 4, restarts: 0, refilled: 6 },
  rest: { requests: 8, failures: 1, refused: 1 },
  badEntries: 9,
  connected: 2,
  lost: 1,
};

describe('metrics', () => {
  it('[P45] report the state of the feed of each venue', async () => {
    const stream = { type: 'feed.health', venue: 'binance', ts: 1, rts: 1, since: 1, ageMs: 1 } as const;
    const streams = (['live', 'live', 'stale'] as const).map((state, at) => ({
      ...stream,
      symbol: `C${at}-USD`,
      state,
    }));
    const counters = { ...noCounts, published: 7, epochs: 1, overflowed: 2, retries: 3 };
    const source = { counters: () => counters, buffered: 4, isLeading: true, retention, ...noTrouble };
    const feeds = { ...noFeed, streams: () => streams, venues: () => [status] };
    const metrics = createProducerMetrics(() => ({ ...source, ...feeds }));
    const { text } = await metrics.render();
    const gauges = { connections: 1, clock_offset_ms: -1_273, clock_error_ms: 12 };
    const counted = {
      connected: 2,
      lost: 1,
      frames: 100,
      bad_frames: 3,
      ignored_frames: 5,
      gaps: 1,
      missing_trades: 4,
      refilled_trades: 6,
      duplicate_trades: 3,
      requests: 8,
      failed_requests: 2,
      bad_entries: 9,
    };
    for (const [name, value] of Object.entries(gauges))
      expect(text).toContain(`tickwire_feed_${name}{venue="binance"} ${value}\n`);
    for (const [name, value] of Object.entries(counted))
      expect(text).toContain(`tickwire_feed_${name}_total{venue="binance"} ${value}\n`);
    for (const [state, count] of Object.entries({ live: 2, stale: 1, down: 0, resync: 0 }))
      expect(text).toContain(`tickwire_feed_streams{venue="binance",state="${state}"} ${count}\n`);
  });

  it('[P81] count what bars lack, by venue and interval', async () => {
    const counters = { ...noCounts, published: 7, epochs: 1, overflowed: 2, retries: 3 };
    const losses = { lateTrades: 3, aheadTrades: 2, skippedBars: 1 };
    const source = { counters: () => counters, buffered: 4, isLeading: true, retention, ...noTrouble, ...noFeed };
    const barLosses = () => [{ venue: 'kraken', interval: '1s' as const, ...losses }];
    const { text } = await createProducerMetrics(() => ({ ...source, barLosses })).render();
    const labels = '{venue="kraken",interval="1s"}';
    for (const [name, value] of [
      ['late_trades', 3],
      ['ahead_trades', 2],
      ['skipped_bars', 1],
    ])
      expect(text).toContain(`tickwire_${name}_total${labels} ${value}\n`);
  });

  it('[P112] [P115] count the prices that forecasts did not believe, and the symbols that began anew', async () => {
    const source = { counters: () => noCounts, buffered: 4, isLeading: true, retention, ...noTrouble, ...noFeed };
    const { text } = await createProducerMetrics(() => source).render();
    expect(text).toContain('tickwire_producer_bad_prices_total 8\n');
    expect(text).toContain('tickwire_producer_unrestored_forecasts_total 3\n');
  });

  it('[P181] show a feed that is not that of the leader', async () => {
    const base = { buffered: 0, isLeading: false, retention, ...noTrouble, ...noFeed, counters: () => noCounts };
    for (const [feedDifference, shown] of [
      [undefined, 0],
      ['with sim ETH-USD', 1],
    ] as const) {
      const { text } = await createProducerMetrics(() => ({ ...base, feedDifference })).render();
      expect(text).toContain(`tickwire_producer_feed_differs ${shown}\n`);
    }
  });

  it('[P121] [P122] [P123] [P17] report forecast scores, feed states and the counts of the publisher', async () => {
    const counters = { ...noCounts, published: 7, epochs: 1, overflowed: 2, retries: 3 };
    const metrics = createProducerMetrics(() => ({
      counters: () => counters,
      buffered: 4,
      isLeading: true,
      retention,
      ...noTrouble,
      ...noFeed,
    }));
    metrics.observe(forecast('BTC-USD'));
    metrics.observe({
      type: 'feed.health',
      venue: 'sim',
      symbol: 'BTC-USD',
      ts: 1,
      rts: 1,
      state: 'stale',
      since: 1,
      ageMs: 1,
    });
    const { text, contentType } = await metrics.render();
    expect(contentType).toContain('text/plain');
    const labels = 'venue="sim",symbol="BTC-USD",horizon_seconds="60"';
    expect(text).toContain(`tickwire_forecast_coverage_ratio{${labels},level="90"} 0.9`);
    expect(text).not.toContain('level="95"');
    expect(text).toContain(`tickwire_forecast_warming{${labels}} 0`);
    expect(text).toContain(`tickwire_forecast_gain_percent{${labels}} 6.1`);
    expect(text).toContain('tickwire_feed_state{venue="sim",symbol="BTC-USD",state="stale"} 1');
    expect(text).toContain('tickwire_feed_state{venue="sim",symbol="BTC-USD",state="live"} 0');
    expect(text).toContain('tickwire_producer_leading 1');
    expect(text).toContain('tickwire_producer_overflowed_total 2');
    expect(text).toContain('tickwire_producer_groups_set_aside 1');
    expect(text).toContain('tickwire_producer_stalled_seconds 0');
    expect(text).toContain('tickwire_producer_history_share_ratio 0.75');
    expect(text).toContain('tickwire_producer_history_reductions_total 1');
    expect(text).toContain('tickwire_messages_total{type="price.forecast"} 1');
  });

  it('[P17] have a bounded number of series, however many symbols there are', async () => {
    const metrics = createProducerMetrics(() => undefined);
    for (let i = 0; i < 150; i += 1) metrics.observe(forecast(`C${i}-USD`));
    const { text } = await metrics.render();
    expect(text.match(/tickwire_forecast_outcomes\{/g)).toHaveLength(100);
  });
});
