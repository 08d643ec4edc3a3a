import { isDecimal } from '../decimal/decimal.js';
import { MarketError } from '../errors.js';
import type { FeedEvent } from '../feed.js';
import type { SymbolMap } from './binance-symbols.js';

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
): readonly FeedEvent[] => {
  const data = payloadOf(frame);
  if (!data) return nothing;
  const symbol = typeof data['s'] === 'string' ? symbols.get(data['s']) : undefined;
  if (symbol === undefined) return nothing;
  switch (data['e']) {
    case 'trade':
      return [{ kind: 'trade', trade: { type: 'price.trade', venue, symbol, ...tradeFields(data), rts } }];
    case '24hrTicker':
      return [{ kind: 'stats', stats: { venue, symbol, ts: time(data, 'E'), rts, ...day(data), ...dayBook(data) } }];
    case '24hrMiniTicker':
      return [{ kind: 'stats', stats: { venue, symbol, ts: time(data, 'E'), rts, ...day(data) } }];
    case undefined:
      return isBookTicker(data) ? [{ kind: 'quote', quote: { venue, symbol, ts: rts, rts, ...book(data) } }] : nothing;
    default:
      return nothing;
  }
};

/** Canonical-to-be names a frame speaks of: `BTCUSDT`. */
export const binanceNameOf = (frame: unknown): string | undefined => {
  const name = payloadOf(frame)?.['s'];
  return typeof name === 'string' ? name : undefined;
};

type Fields = Readonly<Record<string, unknown>>;

const nothing: readonly FeedEvent[] = Object.freeze([]);

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const payloadOf = (frame: unknown): Fields | undefined => {
  if (!isFields(frame)) return undefined;
  const data = 'stream' in frame ? frame['data'] : frame;
  return isFields(data) ? data : undefined;
};

const isBookTicker = (data: Fields): boolean => 'u' in data && 'b' in data && 'B' in data && 'a' in data && 'A' in data;

const tradeFields = (data: Fields) => {
  const { t: id, m: buyerIsMaker } = data;
  if (!Number.isSafeInteger(id)) throw badField('trade id t', id);
  if (typeof buyerIsMaker !== 'boolean') throw badField('boolean m', buyerIsMaker);
  return {
    ts: time(data, 'T'),
    id: String(id),
    price: decimal(data, 'p'),
    size: decimal(data, 'q'),
    side: buyerIsMaker ? ('sell' as const) : ('buy' as const),
  };
};

const book = (data: Fields) => ({
  bid: decimal(data, 'b'),
  bidSize: decimal(data, 'B'),
  ask: decimal(data, 'a'),
  askSize: decimal(data, 'A'),
});

const day = (data: Fields) => ({
  last: decimal(data, 'c'),
  open24h: decimal(data, 'o'),
  high24h: decimal(data, 'h'),
  low24h: decimal(data, 'l'),
  volume24h: decimal(data, 'v'),
  quoteVolume24h: decimal(data, 'q'),
});

const dayBook = (data: Fields) => ({
  ...book(data),
  vwap24h: decimal(data, 'w'),
  change24h: decimal(data, 'p'),
  changePct24h: decimal(data, 'P'),
});

const decimal = (data: Fields, key: string): string => {
  const value = data[key];
  if (typeof value !== 'string' || !isDecimal(value)) throw badField(`decimal string ${key}`, value);
  return value;
};

/** Connections opened with `timeUnit=MICROSECOND` send another unit; taken for milliseconds it is the year 54,000. */
const maxTimeMs = 1e14;

const time = (data: Fields, key: string): number => {
  const value = data[key];
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > maxTimeMs)
    throw badField(`time in ms ${key}`, value);
  return value as number;
};

const badField = (expected: string, got: unknown): MarketError =>
  new MarketError('bad-frame', `expected ${expected}, got ${JSON.stringify(got)?.slice(0, 60)}`);
