import type { Side, Trade } from '@tickwire/protocol';
import { lostTrade } from '../exchange/entries.js';
import { type FrameMapper, type Pair, type StreamKey, streamKey, type VenueItem } from '../exchange/venue.js';
import {
  amountField,
  askSide,
  badField,
  bidSide,
  type Fields,
  idField,
  isFields,
  isoTimeField,
  positiveField,
  present,
  priceOrNone,
  textField,
} from '../exchange/wire-fields.js';

const venue = 'coinbase';

/**
 * Maps frames of the Coinbase Exchange feed: `match` gives a trade (its `side` is the maker's, and is inverted here),
 * `last_match` the newest trade before the subscription, `ticker` the statistics of the day and, if it has sizes, a
 * quote, `heartbeat` the id of the newest trade.
 *
 * `sequence` counts all messages of the full channel, of which these are a part: it orders, but shows no gaps. Source:
 * docs.cdp.coinbase.com/exchange/websocket-feed.
 */
export const createCoinbaseMapper = (pairs: readonly Pair[]): FrameMapper => {
  const symbols = new Map(pairs.map(({ name, symbol }) => [name, symbol]));
  return (frame, rts) => {
    if (!isFields(frame)) return nothing;
    switch (frame['type']) {
      case 'subscriptions':
        return [{ kind: 'confirmed', keys: subscribedKeys(frame) }];
      case 'error':
        return [{ kind: 'refused', reason: reasonOf(frame), ...keysNamed(reasonOf(frame), pairs) }];
    }
    const symbol = typeof frame['product_id'] === 'string' ? symbols.get(frame['product_id']) : undefined;
    if (symbol === undefined) return nothing;
    switch (frame['type']) {
      case 'match':
        try {
          return [{ kind: 'trade', trade: coinbaseTrade(frame, symbol, rts) }];
        } catch (error) {
          throw lostTrade(error, symbol, frame['trade_id']);
        }
      case 'last_match':
        return [{ kind: 'past', symbol, trades: [coinbaseTrade(frame, symbol, rts)] }];
      case 'ticker':
        return tickerItems(frame, symbol, rts);
      case 'heartbeat':
        return [{ kind: 'heartbeat', symbol, lastTradeId: idField(frame, 'last_trade_id') }];
      default:
        return nothing;
    }
  };
};

/** A match of the feed or of the REST API: both have the maker's side. @throws MarketError `bad-frame` */
export const coinbaseTrade = (data: Fields, symbol: string, rts: number): Trade => ({
  type: 'price.trade',
  venue,
  symbol,
  ts: isoTimeField(data, 'time'),
  rts,
  id: idField(data, 'trade_id'),
  price: positiveField(data, 'price'),
  size: positiveField(data, 'size'),
  side: takerSide(data['side']),
});

export const coinbaseChannels = ['matches', 'ticker', 'heartbeat'] as const;

const nothing: readonly VenueItem[] = Object.freeze([]);

const takerSide = (makerSide: unknown): Side => {
  if (makerSide !== 'buy' && makerSide !== 'sell') throw badField('side', makerSide);
  return makerSide === 'buy' ? 'sell' : 'buy';
};

/** Older recordings have best prices without sizes: the statistics then carry the prices. */
const tickerItems = (data: Fields, symbol: string, rts: number): readonly VenueItem[] => {
  const header = { venue, symbol, ts: isoTimeField(data, 'time'), rts };
  const stats = {
    ...header,
    ...present({
      last: priceOrNone(data, 'price'),
      open24h: priceOrNone(data, 'open_24h'),
      high24h: priceOrNone(data, 'high_24h'),
      low24h: priceOrNone(data, 'low_24h'),
    }),
    volume24h: amountField(data, 'volume_24h'),
  };
  if (!('best_bid_size' in data && 'best_ask_size' in data)) {
    const best = present({ bid: priceOrNone(data, 'best_bid'), ask: priceOrNone(data, 'best_ask') });
    return [{ kind: 'stats', stats: { ...stats, ...best } }];
  }
  const book = { ...bidSide(data, 'best_bid', 'best_bid_size'), ...askSide(data, 'best_ask', 'best_ask_size') };
  const order = Number(idField(data, 'sequence'));
  return [
    { kind: 'quote', order, quote: { ...header, ...book } },
    { kind: 'stats', stats },
  ];
};

/** All present subscriptions, not only the last request's. */
const subscribedKeys = (frame: Fields): readonly StreamKey[] => {
  const { channels } = frame;
  if (!Array.isArray(channels)) throw badField('list of channels', channels);
  return channels.filter(isFields).flatMap((channel) => {
    const { product_ids: products } = channel;
    if (!Array.isArray(products)) return [];
    return products.map((product) => streamKey(textField(channel, 'name'), String(product)));
  });
};

const reasonOf = ({ message, reason }: Fields): string =>
  [message, reason].filter((part) => typeof part === 'string').join(': ') || 'refused';

/** Errors have no id; their text often names the product. */
const keysNamed = (text: string, pairs: readonly Pair[]): { keys: readonly StreamKey[] } | undefined => {
  const words = new Set(text.split(/[^A-Za-z0-9-]+/));
  const named = pairs.filter(({ name }) => words.has(name));
  if (named.length === 0) return undefined;
  return { keys: named.flatMap(({ name }) => coinbaseChannels.map((channel) => streamKey(channel, name))) };
};
