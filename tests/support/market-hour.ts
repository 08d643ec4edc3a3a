import type { GroupBatch, Message } from '@tickwire/channel-layer';

/** Messages per minute of each kind for a busy symbol: tickers at the pace of TICKER_MS, bars four times a second. */
const perMinute = { trade: 300, ticker: 400, 'bar-1s': 240, 'bar-1m': 240, forecast: 60, health: 12 };

const header = (symbol: string, ts: number): Readonly<Record<string, unknown>> => ({
  venue: 'binance',
  symbol,
  ts,
  rts: ts + 37,
  pts: ts + 41,
});

const scores = {
  n: 481_516,
  coverage: { 50: 0.501_374_2, 80: 0.800_231_7, 90: 0.900_127_3, 95: 0.950_342_1 },
  coverage90: 0.900_127_3,
  coverage90Band: [0.899_123_4, 0.901_234_5],
  recentCoverage90: 0.902_345_6,
  worstCoverage90: 0.871_234_5,
  intervalScore: 3.123_456_7,
  baselineScore: 3.456_789_1,
  gain: 9.642_135_4,
  dm: 12.345_678_9,
  crps: 0.812_345_6,
  zeroMoveShare: 0.112_345_6,
  skill: 0.001_234_5,
  skillDm: 1.234_567_8,
  hitRate: 0.512_345_6,
};

const horizon = (seconds: number, ts: number): Readonly<Record<string, unknown>> => ({
  seconds,
  target: ts + seconds * 1_000,
  center: '67123.4512',
  sigma: 0.000_123_456_789,
  levels: {
    50: ['67120.1234', '67126.7891'],
    80: ['67117.1234', '67129.7891'],
    90: ['67115.1234', '67131.7891'],
    95: ['67113.1234', '67133.7891'],
  },
  warming: false,
  scores,
});

const bar = (symbol: string, ts: number, interval: string): Message => ({
  ...header(symbol, ts),
  type: 'price.bar',
  interval,
  start: ts - (ts % 1_000),
  open: '67123.45000000',
  high: '67129.99000000',
  low: '67120.01000000',
  close: '67125.00000000',
  volume: '1.23456000',
  quoteVolume: '82873.12345678',
  trades: 17,
  closed: false,
});

/** One message of each kind, of a realistic size. */
export const makeMessage = {
  trade: (symbol: string, ts: number): Message => ({
    ...header(symbol, ts),
    type: 'price.trade',
    id: '4123456789',
    price: '67123.45000000',
    size: '0.00123000',
    side: 'buy',
  }),
  ticker: (symbol: string, ts: number): Message => ({
    ...header(symbol, ts),
    type: 'price.ticker',
    last: '67123.45000000',
    bid: '67123.44000000',
    ask: '67123.45000000',
    bidSize: '1.23456000',
    askSize: '0.98765000',
    open24h: '66000.12000000',
    high24h: '68000.12000000',
    low24h: '65000.12000000',
    volume24h: '23456.78901000',
    quoteVolume24h: '1567890123.45678901',
    vwap24h: '66789.12345678',
    change24h: '1123.33000000',
    changePct24h: '1.702',
    ageMs: 41,
  }),
  'bar-1s': (symbol: string, ts: number): Message => bar(symbol, ts, '1s'),
  'bar-1m': (symbol: string, ts: number): Message => bar(symbol, ts, '1m'),
  forecast: (symbol: string, ts: number): Message => ({
    ...header(symbol, ts),
    type: 'price.forecast',
    price: '67123.45',
    horizons: [15, 30, 60, 300, 900].map((seconds) => horizon(seconds, ts)),
  }),
  health: (symbol: string, ts: number): Message => ({
    ...header(symbol, ts),
    type: 'feed.health',
    state: 'live',
    since: ts - 9_000,
    ageMs: 41,
  }),
} as const satisfies Readonly<Record<string, (symbol: string, ts: number) => Message>>;

/**
 * Everything that a producer appends in one minute, a few seconds of one symbol per call. Groups continue from minute
 * to minute.
 */
export function* marketMinute(symbols: readonly string[], minute: number): Generator<readonly GroupBatch[]> {
  const epoch = 'hour';
  for (const symbol of symbols) {
    const ts = 1_800_000_000_000 + minute * 60_000;
    yield (Object.keys(perMinute) as (keyof typeof perMinute)[]).map((kind) => {
      const firstSeq = minute * perMinute[kind] + 1;
      const messages = Array.from({ length: perMinute[kind] }, (_, index) => ({
        ...makeMessage[kind](symbol, ts + index),
        seq: firstSeq + index,
        epoch,
      }));
      return { group: `${kind}.binance.${symbol}`, epoch, firstSeq, messages };
    });
  }
}
