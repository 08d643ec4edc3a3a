import { z } from 'zod';
import { barIntervals } from './channel-names.js';
import {
  amount,
  decimal,
  type Immutable,
  marketHeader,
  price,
  priceDecimals,
  publishedSchema,
  time,
} from './fields.js';
import { type Forecast, forecastSchema } from './forecast.js';

/**
 * The messages Tickwire broadcasts. On a group they are msgpack maps, towards clients JSON with the same fields. Each
 * shape is written here and nowhere else: types, checks and the documents of the API come from it.
 */
export const tradeSchema = z.object({
  type: z.literal('price.trade'),
  ...marketHeader.shape,
  id: z.string().describe("The venue's trade id."),
  price,
  size: price.describe('A decimal above zero, as the venue sent it.'),
  side: z.enum(['buy', 'sell']).describe('Side of the taker.'),
});

export const tickerSchema = z
  .object({
    type: z.literal('price.ticker'),
    ...marketHeader.shape,
    last: price,
    bid: price.exactOptional(),
    ask: price.exactOptional(),
    bidSize: amount.exactOptional(),
    askSize: amount.exactOptional(),
    open24h: price.exactOptional(),
    high24h: price.exactOptional(),
    low24h: price.exactOptional(),
    volume24h: amount.exactOptional(),
    quoteVolume24h: amount.exactOptional(),
    vwap24h: price.exactOptional(),
    change24h: decimal.exactOptional(),
    changePct24h: decimal.exactOptional(),
    priceDecimals: priceDecimals.exactOptional(),
    ageMs: z
      .number()
      .describe('Milliseconds since the stream behind this ticker last brought anything, when it was made.')
      .exactOptional(),
  })
  .describe('Fields that a venue does not give, or that are not known yet, are absent.');

export const barSchema = z.object({
  type: z.literal('price.bar'),
  ...marketHeader.shape,
  interval: z.enum(barIntervals),
  start: time.describe('First millisecond of the bar, since the Unix epoch.'),
  open: price,
  high: price,
  low: price,
  close: price,
  volume: amount,
  quoteVolume: amount,
  takerBuyVolume: amount.describe('Of `volume`, what takers bought; absent where that is not known.').exactOptional(),
  takerBuyQuoteVolume: amount
    .describe('Of `quoteVolume`, what takers bought; absent where that is not known.')
    .exactOptional(),
  trades: z.int().min(0).describe('Trades in it; with 0 the price is carried forward from the bar before.'),
  closed: z
    .boolean()
    .describe(
      'False while it is open: then it has no position and no place in history. A closed bar comes again where it turns out incomplete, or the venue has all of it.',
    ),
  incomplete: z.boolean().describe('Trades of this bar are missing, or may be. Absent means complete.').exactOptional(),
  source: z
    .enum(['trades', 'venue'])
    .describe("`venue`: at least a part of it is the venue's own bar. Absent: made of trades.")
    .exactOptional(),
});

export const healthSchema = z.object({
  type: z.literal('feed.health'),
  ...marketHeader.shape,
  state: z.enum(['live', 'stale', 'down', 'resync']),
  since: time.describe('When this state began. Milliseconds since the Unix epoch.'),
  ageMs: z
    .number()
    .describe('Milliseconds since the stream last brought anything; since its state began, if it never did.'),
  reason: z.string().exactOptional(),
});

/** It comes before the first trade behind the gap; `ts` is the time of the trade before. */
export const gapSchema = z
  .object({
    type: z.literal('feed.gap'),
    ...marketHeader.shape,
    afterId: z.string().describe('Id of the trade before it, where that is known.').exactOptional(),
    beforeId: z.string().describe('Id of the trade behind it, where that is known.').exactOptional(),
    missing: z.int().min(1).describe('How many trades are missing, where the ids tell.').exactOptional(),
  })
  .describe('Trades that the venue had and nobody can get any more: those between the two ids.');

/** A message of another writer, as a Django application or `POST /api/publish`, has none of these. */
const position = publishedSchema.partial().shape;

/** Each kind of message as it is on its channel. */
export const channelMessageSchemas = {
  Trade: tradeSchema.extend(position),
  Ticker: tickerSchema.extend(position),
  Bar: barSchema.extend(position),
  Forecast: forecastSchema.extend(position),
  Health: healthSchema.extend(position),
  Gap: gapSchema.extend(position),
} as const;

export type Trade = Immutable<z.infer<typeof tradeSchema>>;
export type Side = Trade['side'];
export type Ticker = Immutable<z.infer<typeof tickerSchema>>;
export type Bar = Immutable<z.infer<typeof barSchema>>;
export type BarInterval = Bar['interval'];
export type Health = Immutable<z.infer<typeof healthSchema>>;
export type FeedState = Health['state'];
export type Gap = Immutable<z.infer<typeof gapSchema>>;

/** A message before the producer gave it its position. */
export type MarketMessage = Trade | Ticker | Bar | Forecast | Health | Gap;
export type MarketMessageType = MarketMessage['type'];
