import { isDecimal, isPrice } from '../decimal/decimal.js';
import { lostTrade } from '../exchange/entries.js';
import {
  askSide,
  badField,
  bidSide,
  type Fields,
  isFields,
  present,
  priceOrNone,
  timeField,
} from '../exchange/wire-fields.js';
import type { FeedEvent } from '../feed.js';
import type { SymbolMap } from './binance-symbols.js';

/** A quote of Binance with its update id, which always increases. */
type BinanceEvent =
  | Exclude<FeedEvent, { kind: 'quote' }>
  | (Extract<FeedEvent, { kind: 'quote' }> & { readonly order: number });

/**
 * Maps one Binance spot frame, raw or wrapped by a combined stream, to events. Pure; prices and sizes are the venue's
 * strings untouched.
 *
 * `@trade` gives a trade (`ts` the trade time `T`; `m` true means the buyer was the maker, so the taker sold),
 * `@bookTicker` a quote (spot sends no time with it: `ts` is the receive time), `@ticker` and `@miniTicker` the day's
 * statistics. Every other frame and every symbol not in `symbols` gives nothing: venues add message types at any time.
 *
 * Source: binance-spot-api-docs, web-socket-streams.md.
 * @throws MarketError `bad-frame` if a frame of those kinds lacks a field or has it in another form.
 */
export const mapBinanceFrame = (
  frame: unknown,
  rts: number,
  symbols: SymbolMap,
  venue = 'binance',
): readonly Extract<BinanceEvent, { kind: 'trade' | 'quote' | 'stats' }>[] => {
  const data = payloadOf(frame);
  if (!data) return nothing;
  const symbol = typeof data['s'] === 'string' ? symbols.get(data['s']) : undefined;
  if (symbol === undefined) return nothing;
  switch (data['e']) {
    case 'trade':
      try {
        return [{ kind: 'trade', trade: tradeOf(data, venue, symbol, rts) }];
      } catch (error) {
        throw lostTrade(error, symbol, data['t']);
      }
    case '24hrTicker':
      return [
        { kind: 'stats', stats: { venue, symbol, ts: timeField(data, 'E'), rts, ...day(data), ...dayBook(data) } },
      ];
    case '24hrMiniTicker':
      return [{ kind: 'stats', stats: { venue, symbol, ts: timeField(data, 'E'), rts, ...day(data) } }];
    case undefined:
      if (!isBookTicker(data)) return nothing;
      return [{ kind: 'quote', order: wholeNumber(data, 'u'), quote: { venue, symbol, ts: rts, rts, ...book(data) } }];
    default:
      return nothing;
  }
};

/** The content of a frame, without the wrapper of a combined stream. */
export const payloadOf = (frame: unknown): Fields | undefined => {
  if (!isFields(frame)) return undefined;
  const data = 'stream' in frame ? frame['data'] : frame;
  return isFields(data) ? data : undefined;
};

const nothing: readonly never[] = Object.freeze([]);

const isBookTicker = (data: Fields): boolean => 'u' in data && 'b' in data && 'B' in data && 'a' in data && 'A' in data;

const tradeOf = (data: Fields, venue: string, symbol: string, rts: number) => {
  const buyerIsMaker = data['m'];
  if (typeof buyerIsMaker !== 'boolean') throw badField('boolean m', buyerIsMaker);
  return {
    type: 'price.trade' as const,
    venue,
    symbol,
    ts: timeField(data, 'T'),
    rts,
    id: String(wholeNumber(data, 't')),
    price: positive(data, 'p'),
    size: positive(data, 'q'),
    side: buyerIsMaker ? ('sell' as const) : ('buy' as const),
  };
};

const book = (data: Fields) => ({ ...bidSide(data, 'b', 'B'), ...askSide(data, 'a', 'A') });

/** A pair without a trade has zeros as prices. */
const day = (data: Fields) => ({
  ...present({
    last: priceOrNone(data, 'c'),
    open24h: priceOrNone(data, 'o'),
    high24h: priceOrNone(data, 'h'),
    low24h: priceOrNone(data, 'l'),
  }),
  volume24h: amount(data, 'v'),
  quoteVolume24h: amount(data, 'q'),
});

const dayBook = (data: Fields) => ({
  ...book(data),
  ...present({ vwap24h: priceOrNone(data, 'w') }),
  change24h: decimal(data, 'p'),
  changePct24h: decimal(data, 'P'),
});

// Binance never writes exponents, so the slower checks of `wire-fields` are not needed.
const decimal = (data: Fields, key: string): string => {
  const value = data[key];
  if (typeof value !== 'string' || !isDecimal(value)) throw badField(`decimal string ${key}`, value);
  return value;
};

const amount = (data: Fields, key: string): string => {
  const value = decimal(data, key);
  if (value.charCodeAt(0) === minus) throw badField(`amount ${key}`, value);
  return value;
};

const positive = (data: Fields, key: string): string => {
  const value = decimal(data, key);
  if (!isPrice(value)) throw badField(`positive ${key}`, value);
  return value;
};

const minus = 45;

const wholeNumber = (data: Fields, key: string): number => {
  const value = data[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw badField(`whole number ${key}`, value);
  return value;
};
