import { isSymbol } from '@tickwire/protocol';
import { mapBinanceFrame } from '../binance/binance-frames.js';
import { binanceSymbolMap } from '../binance/binance-symbols.js';
import { expandExponent, isDecimal } from '../decimal/decimal.js';
import { MarketError } from '../errors.js';
import type { FeedEvent, Instrument } from '../feed.js';
import { isComment, parseHeader, unquoteFrame } from '../recorder/recording-format.js';
import { createOwnRecordingReader } from './own-recording.js';

/** What a line of a recording says, and when it was received. No events: a line that is none of our business. */
export interface RecordedLine {
  readonly rts: number;
  readonly events: readonly FeedEvent[];
}

export interface LineParser {
  /** @throws MarketError `bad-line`, `bad-frame` or `bad-decimal` */
  parse(line: string): RecordedLine;
  /** What was held back to put it in order. */
  end?(): readonly FeedEvent[];
}

type ParseLine = LineParser['parse'];

/**
 * - `own`: made by `createRecorder`; the first line names the venue and its pairs, the others are as in `frames`
 * - `frames`: `<recv_ns> <JSON>` a line, JSON being what a Binance connection sent; snapshots in between are ignored
 * - `binance-trades`: CSV `recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side`, one instrument a file
 * - `questdb-trades`: CSV `symbol,side,price,amount,time`, numbers may have exponents, no ids and no receive times
 */
export type RecordingFormat = 'own' | 'frames' | 'binance-trades' | 'questdb-trades';

const headers: Readonly<Record<string, RecordingFormat>> = {
  'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side': 'binance-trades',
  'symbol,side,price,amount,time': 'questdb-trades',
};

/** Of a header line or a first line of data; undefined for a line that tells nothing. */
export const formatOf = (line: string): RecordingFormat | undefined =>
  headers[line.trim()] ?? (parseHeader(line) ? 'own' : frameLine.test(line) ? 'frames' : undefined);

/** Lines that are no data: headers and comments. */
export const isHeader = (line: string): boolean => isComment(line) || Object.hasOwn(headers, line.trim());

/**
 * Only the instruments given are mapped; lines of others come out without events. `firstLines` hold the header, where
 * the format has one.
 * @throws MarketError `bad-option` if the format does not name its instrument and not exactly one was given
 */
export const createLineParser = (
  format: RecordingFormat,
  instruments: readonly Instrument[],
  firstLines: readonly (string | null)[] = [],
): LineParser => {
  switch (format) {
    case 'own':
      return ownParser(instruments, firstLines);
    case 'frames':
      return { parse: frameParser(instruments) };
    case 'binance-trades':
      return { parse: binanceTradeParser(instruments) };
    case 'questdb-trades':
      return { parse: questdbTradeParser(instruments) };
  }
};

const frameLine = /^(\d{13,19}) (?=[{["])/;

/** Splits `<recv_ns> <frame>`. @throws MarketError `bad-line` */
const splitFrameLine = (line: string): { readonly rts: number; readonly text: string } => {
  const match = frameLine.exec(line);
  if (!match) throw badLine('a receive time and a frame', line);
  return { rts: msOfNs(match[1] as string), text: line.slice(match[0].length) };
};

/** The frame of such a line, parsed. @throws MarketError `bad-line` */
export const parseFrameLine = (line: string): { readonly rts: number; readonly frame: unknown } => {
  const { rts, text } = splitFrameLine(line);
  try {
    return { rts, frame: JSON.parse(unquoteFrame(text)) };
  } catch {
    throw badLine('JSON', line);
  }
};

const ownParser = (instruments: readonly Instrument[], firstLines: readonly (string | null)[]): LineParser => {
  const header = firstLines.flatMap((line) => (line === null ? [] : (parseHeader(line) ?? [])))[0];
  if (!header) throw new MarketError('unknown-format', 'the header of the recording is missing');
  const reader = createOwnRecordingReader(header, instruments);
  return {
    parse: (line) => {
      const { rts, text } = splitFrameLine(line);
      try {
        return { rts, events: reader.read(unquoteFrame(text), rts) };
      } catch (error) {
        if (error instanceof MarketError) throw error;
        throw badLine('JSON', line);
      }
    },
    end: reader.end,
  };
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
