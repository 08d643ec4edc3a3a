import { z } from 'zod';
import { barIntervals, barKind, type ChannelKind, channelName } from './channel-names.js';
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
 * The messages that Tickwire broadcasts. On a group they are msgpack maps; clients receive JSON with the same fields.
 * Each shape is written only here: types, checks and the API documents are derived from it.
 */
export const tradeSchema = z.object({
  type: z.literal('price.trade'),
  ...marketHeader.shape,
  id: z.string({ error: 'must be text' }).describe("The venue's trade id."),
  price,
  size: price.describe('A decimal above zero, as the venue sent it.'),
  side: z.enum(['buy', 'sell'], { error: 'must be buy or sell' }).describe('Side of the taker.'),
});

const tickerSchema = z
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
      .describe('Age of the data when the ticker was made: milliseconds since its stream last received anything.')
      .exactOptional(),
  })
  .describe('Fields that a venue does not provide, or that are not yet known, are absent.');

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
  takerBuyVolume: amount.describe('The part of `volume` that takers bought; absent if unknown.').exactOptional(),
  takerBuyQuoteVolume: amount
    .describe('The part of `quoteVolume` that takers bought; absent if unknown.')
    .exactOptional(),
  trades: z.int().min(0).describe('Number of trades; with 0 the price is carried forward from the previous bar.'),
  closed: z
    .boolean()
    .describe(
      'False while the bar is open: then it has no position and is not in history. A closed bar is sent again if it turns out to be incomplete, or if the venue has all of it.',
    ),
  incomplete: z
    .boolean()
    .describe('Trades of this bar are missing or may be missing. Absent means complete.')
    .exactOptional(),
  source: z
    .enum(['trades', 'venue'])
    .describe("`venue`: at least a part of it is the venue's own bar. Absent: built from trades.")
    .exactOptional(),
});

export const healthSchema = z.object({
  type: z.literal('feed.health'),
  ...marketHeader.shape,
  state: z.enum(['live', 'stale', 'down', 'resync']),
  since: time.describe('When this state began. Milliseconds since the Unix epoch.'),
  ageMs: z
    .number()
    .describe('Milliseconds since the stream last received anything, or since its state began if it never did.'),
  reason: z.string().exactOptional(),
});

/** Sent before the first trade behind the gap; `ts` is the time of the trade before it. */
const gapSchema = z
  .object({
    type: z.literal('feed.gap'),
    ...marketHeader.shape,
    afterId: z.string().describe('Id of the trade before the gap, if known.').exactOptional(),
    beforeId: z.string().describe('Id of the trade after the gap, if known.').exactOptional(),
    missing: z.int().min(1).describe('Number of missing trades, if the ids show it.').exactOptional(),
  })
  .describe('Trades of the venue that can no longer be fetched: those between the two ids.');

/** Messages of other writers, such as a Django application or `POST /api/publish`, have none of these. */
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
export type Health = Immutable<z.infer<typeof healthSchema>>;
export type FeedState = Health['state'];
export type Gap = Immutable<z.infer<typeof gapSchema>>;

/** A message before the producer gives it its position. */
export type MarketMessage = Trade | Ticker | Bar | Forecast | Health | Gap;
export type MarketMessageType = MarketMessage['type'];

/** Returns the channel a message belongs on. */
export const channelOf = (message: MarketMessage): string =>
  channelName(kindOf(message), message.venue, message.symbol);

const kindOf = (message: MarketMessage): ChannelKind => {
  switch (message.type) {
    case 'price.trade':
      return 'trade';
    case 'price.ticker':
      return 'ticker';
    case 'price.bar':
      return barKind(message.interval);
    case 'price.forecast':
      return 'forecast';
    case 'feed.health':
      return 'health';
    case 'feed.gap':
      return 'gap';
  }
};
