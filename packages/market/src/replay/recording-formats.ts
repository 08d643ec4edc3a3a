import { isSymbol } from '@tickwire/protocol';
import { mapBinanceFrame } from '../binance/binance-frames.js';
import { binanceSymbolMap } from '../binance/binance-symbols.js';
import { expandExponent, isDecimal } from '../decimal/decimal.js';
import { MarketError } from '../errors.js';
import type { FeedEvent, Instrument } from '../feed.js';

/** What a line of a recording says, and when it was received. No events: a line that is none of our business. */
export interface RecordedLine {
  readonly rts: number;
  readonly events: readonly FeedEvent[];
}

/** @throws MarketError `bad-line`, `bad-frame` or `bad-decimal` */
export type ParseLine = (line: string) => RecordedLine;

/**
 * - `frames`: `<recv_ns> <JSON>` a line, JSON being what a Binance connection sent; snapshots in between are ignored
 * - `binance-trades`: CSV `recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side`, one instrument a file
 * - `questdb-trades`: CSV `symbol,side,price,amount,time`, numbers may have exponents, no ids and no receive times
 */
export type RecordingFormat = 'frames' | 'binance-trades' | 'questdb-trades';

const headers: Readonly<Record<string, RecordingFormat>> = {
  'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side': 'binance-trades',
  'symbol,side,price,amount,time': 'questdb-trades',
};

/** Of a header line or a first line of data; undefined for a line that tells nothing. */
export const formatOf = (line: string): RecordingFormat | undefined =>
  headers[line.trim()] ?? (frameLine.test(line) ? 'frames' : undefined);

export const isHeader = (line: string): boolean => line.trim() in headers;

/**
 * Only the instruments given are mapped; lines of others come out without events.
 * @throws MarketError `bad-option` if the format does not name its instrument and not exactly one was given
 */
export const createLineParser = (format: RecordingFormat, instruments: readonly Instrument[]): ParseLine => {
  switch (format) {
    case 'frames':
      return frameParser(instruments);
    case 'binance-trades':
      return binanceTradeParser(instruments);
    case 'questdb-trades':
      return questdbTradeParser(instruments);
  }
};

const frameLine = /^(\d{13,19}) (?=[{[])/;

/** Splits `<recv_ns> <JSON>`. @throws MarketError `bad-line` */
export const parseFrameLine = (line: string): { readonly rts: number; readonly frame: unknown } => {
  const match = frameLine.exec(line);
  if (!match) throw badLine('a receive time and JSON', line);
  try {
    return { rts: msOfNs(match[1] as string), frame: JSON.parse(line.slice(match[0].length)) };
  } catch {
    throw badLine('JSON', line);
  }
};

const frameParser = (instruments: readonly Instrument[]): ParseLine => {
  const symbols = binanceSymbolMap(instruments.map(({ symbol }) => symbol));
  const venue = instruments[0]?.venue;
  return (line) => {
    const { rts, frame } = parseFrameLine(line);
    return { rts, events: mapBinanceFrame(frame, rts, symbols, venue) };
  };
};

const binanceTradeParser = (instruments: readonly Instrument[]): ParseLine => {
  const [instrument] = instruments;
  if (!instrument || instruments.length !== 1)
    throw new MarketError('bad-option', 'this recording does not name its instrument: give exactly one');
  const { venue, symbol } = instrument;
  return (line) => {
    const fields = line.split(',');
    const [receivedNs = '', , tradeMs = '', id = '', price = '', size = '', side] = fields;
    if (fields.length !== 7 || !allDigits(receivedNs) || !allDigits(tradeMs) || !allDigits(id) || !isSide(side))
      throw badLine('seven fields of a trade', line);
    if (!isDecimal(price) || !isDecimal(size)) throw badLine('a decimal price and size', line);
    const rts = msOfNs(receivedNs);
    const trade = { type: 'price.trade', venue, symbol, ts: Number(tradeMs), rts, id, price, size, side } as const;
    return { rts, events: [{ kind: 'trade', trade }] };
  };
};

/** Ids are made here, +1 a trade of a symbol, from 1. The receive time is the trade's own: none was recorded. */
const questdbTradeParser = (instruments: readonly Instrument[]): ParseLine => {
  const bySymbol = new Map(instruments.map(({ venue, symbol }) => [symbol, { venue, lastId: 0 }]));
  return (line) => {
    const fields = line.split(',');
    const [symbol = '', side, price = '', amount = '', at = ''] = fields;
    const ts = Date.parse(at);
    if (fields.length !== 5 || !isSymbol(symbol) || !isSide(side) || Number.isNaN(ts))
      throw badLine('five fields of a trade', line);
    const known = bySymbol.get(symbol);
    if (!known) return { rts: ts, events: [] };
    const numbers = { price: expandExponent(price), size: expandExponent(amount) };
    known.lastId += 1;
    const header = { type: 'price.trade', venue: known.venue, symbol, ts, rts: ts } as const;
    return { rts: ts, events: [{ kind: 'trade', trade: { ...header, id: String(known.lastId), ...numbers, side } }] };
  };
};

/** Whole milliseconds of a time in nanoseconds, or in micro- or milliseconds by its number of digits. */
const msOfNs = (digits: string): number => {
  const extraDigits = digits.length - 13;
  return Number(extraDigits > 0 ? digits.slice(0, -extraDigits) : digits);
};

const allDigits = (text: string): boolean => /^\d{1,19}$/.test(text);
const isSide = (text: string | undefined): text is 'buy' | 'sell' => text === 'buy' || text === 'sell';

const badLine = (expected: string, got: string): MarketError =>
  new MarketError('bad-line', `expected ${expected}, got ${JSON.stringify(got.slice(0, 80))}`);
