import type { Trade } from '@tickwire/protocol';
import {
  amountField,
  askSide,
  badField,
  bidSide,
  decimalField,
  positiveField,
  priceOrNone,
  timeField,
} from '../exchange/wire-fields.js';
import type { FeedEvent, Instrument } from '../feed.js';
import type { CcxtTicker, CcxtTrade } from './ccxt-exchange.js';

/**
 * A unified trade. A trade without an id gets `<time>-<n>`, where n counts the trades of a millisecond.
 * @throws MarketError `bad-frame`
 */
export const ccxtTrade = (
  data: CcxtTrade,
  { venue, symbol }: Instrument,
  rts: number,
): Omit<Trade, 'id'> & { id?: string } => {
  const { id, side } = data;
  if (side !== 'buy' && side !== 'sell') throw badField('side', side);
  return {
    type: 'price.trade',
    venue,
    symbol,
    ts: timeField(data, 'timestamp'),
    rts,
    ...(((typeof id === 'string' && id !== '') || Number.isSafeInteger(id)) && { id: String(id) }),
    price: positiveField(data, 'price'),
    size: positiveField(data, 'amount'),
    side,
  };
};

/**
 * A unified ticker: a quote if both sides have sizes, and the statistics that it has.
 * @throws MarketError `bad-frame`
 */
export const ccxtTickerEvents = (data: CcxtTicker, instrument: Instrument, rts: number): readonly FeedEvent[] => {
  const has = (key: string): boolean => data[key] !== undefined && data[key] !== null;
  const header = { ...instrument, ts: has('timestamp') ? timeField(data, 'timestamp') : rts, rts };
  const events: FeedEvent[] = [];
  const hasBook = ['bid', 'bidVolume', 'ask', 'askVolume'].every(has);
  if (hasBook) {
    const book = { ...bidSide(data, 'bid', 'bidVolume'), ...askSide(data, 'ask', 'askVolume') };
    events.push({ kind: 'quote', quote: { ...header, ...book } });
  }
  const stats: Record<string, string> = {};
  const prices = hasBook ? priceFields : [...priceFields, ...bookFields];
  for (const [key, name] of prices) {
    const price = has(key) ? priceOrNone(data, key) : undefined;
    if (price !== undefined) stats[name] = price;
  }
  for (const [key, name] of volumeFields) if (has(key)) stats[name] = amountField(data, key);
  for (const [key, name] of changeFields) if (has(key)) stats[name] = decimalField(data, key);
  if (Object.keys(stats).length > 0) events.push({ kind: 'stats', stats: { ...header, ...stats } });
  return events;
};

const priceFields = [
  ['last', 'last'],
  ['open', 'open24h'],
  ['high', 'high24h'],
  ['low', 'low24h'],
  ['vwap', 'vwap24h'],
] as const;

const bookFields = [
  ['bid', 'bid'],
  ['ask', 'ask'],
] as const;

const volumeFields = [
  ['baseVolume', 'volume24h'],
  ['quoteVolume', 'quoteVolume24h'],
] as const;

const changeFields = [
  ['change', 'change24h'],
  ['percentage', 'changePct24h'],
] as const;
