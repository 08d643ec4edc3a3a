import { arrayOf, constant, decimal, nullable, object, ref, type Schema, text, time } from './schema.js';

const header = {
  venue: text('Lower-case name of the exchange or source.'),
  symbol: text('`BASE-QUOTE`, upper case.'),
  ts: { ...time, description: "When it happened, by the venue's clock." },
  rts: { ...time, description: 'When the producer received it.' },
};
/** A message of another writer, as a Django application or `POST /api/publish`, has none of these. */
const published = {
  pts: { ...time, description: 'When it was published.' },
  seq: { type: 'integer', minimum: 1, description: '+1 a publication of the channel, within an epoch.' },
  epoch: text('Changes only when history was lost.'),
};
const message = (
  type: string,
  fields: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
  description?: string,
): Schema =>
  object(
    { type: constant(type), ...header, ...fields, ...published },
    {
      optional: [...optional, ...Object.keys(published)],
      ...(description !== undefined && { description }),
    },
  );

const day = ['open24h', 'high24h', 'low24h', 'volume24h', 'quoteVolume24h', 'vwap24h', 'change24h', 'changePct24h'];
const book = ['bid', 'ask', 'bidSize', 'askSize'];
const band: Schema = { type: 'array', items: decimal, minItems: 2, maxItems: 2, description: '`[low, high]`' };

const score = nullable({ type: 'number' });
const scoreNames = [
  ...['coverage90', 'recentCoverage90', 'worstCoverage90', 'intervalScore', 'baselineScore', 'gain', 'dm', 'crps'],
  ...['zeroMoveShare', 'skill', 'skillDm', 'hitRate'],
];

/** The messages on channels, by the names the documents give them. */
export const messageSchemas: Readonly<Record<string, Schema>> = {
  Position: object(
    { seq: published.seq, epoch: published.epoch },
    { description: 'Where a publication stands in its channel.' },
  ),
  Trade: message('price.trade', {
    id: text("The venue's trade id."),
    price: decimal,
    size: decimal,
    side: { type: 'string', enum: ['buy', 'sell'], description: 'Of the taker.' },
  }),
  Ticker: message(
    'price.ticker',
    {
      last: decimal,
      ...Object.fromEntries([...book, ...day].map((name) => [name, decimal])),
      ageMs: { type: 'number' },
    },
    [...book, ...day, 'ageMs'],
    'Fields that a venue does not give, or that are not known yet, are absent.',
  ),
  Bar: message(
    'price.bar',
    {
      interval: { type: 'string', enum: ['1s', '1m'] },
      start: time,
      ...Object.fromEntries(['open', 'high', 'low', 'close', 'volume', 'quoteVolume'].map((name) => [name, decimal])),
      trades: { type: 'integer', minimum: 0 },
      closed: { type: 'boolean', description: 'No further update of this bar will come.' },
      incomplete: { type: 'boolean', description: 'Trades of this bar are known to be missing.' },
    },
    ['incomplete'],
  ),
  Forecast: message('price.forecast', { price: decimal, horizons: arrayOf(ref('ForecastHorizon')) }),
  ForecastHorizon: object({
    seconds: { type: 'integer' },
    target: time,
    center: decimal,
    sigma: { type: 'number', description: 'Standard deviation of the log return to the horizon.' },
    levels: object({ 50: band, 80: band, 90: band, 95: band }),
    warming: { type: 'boolean', description: 'Too few outcomes yet to trust the calibration.' },
    scores: ref('ForecastScores'),
  }),
  ForecastScores: object(
    {
      n: { type: 'integer', minimum: 0, description: 'Outcomes so far.' },
      coverage: object({ 50: score, 80: score, 90: score, 95: score }),
      coverage90Band: nullable({ type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 }),
      ...Object.fromEntries(scoreNames.map((name) => [name, score])),
    },
    { description: 'Live scores of a horizon, null before there is anything to compute from: docs/forecasting.md.' },
  ),
  Health: message(
    'feed.health',
    {
      state: { type: 'string', enum: ['live', 'stale', 'down', 'resync'] },
      since: time,
      ageMs: { type: 'number' },
      reason: { type: 'string' },
    },
    ['reason'],
  ),
  Gap: message(
    'feed.gap',
    { afterId: { type: 'string' }, beforeId: { type: 'string' }, missing: { type: 'integer', minimum: 1 } },
    ['afterId', 'beforeId', 'missing'],
    'Trades that the venue had and nobody can get any more: those between the two ids.',
  ),
  Message: {
    description: 'A message of a channel; one of another writer has a `type` of its own.',
    anyOf: [
      ...['Trade', 'Ticker', 'Bar', 'Forecast', 'Health', 'Gap'].map(ref),
      object({
        type: {
          type: 'string',
          not: { enum: ['price.trade', 'price.ticker', 'price.bar', 'price.forecast', 'feed.health', 'feed.gap'] },
        },
      }),
    ],
  },
};
