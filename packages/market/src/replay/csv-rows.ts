import type { Side } from '@tickwire/protocol';
import { expandExponent, isPrice } from '../decimal/decimal.js';
import { MarketError, shownText } from '../errors.js';
import type { Instrument } from '../feed.js';
import { splitCells } from './csv-cells.js';
import { type CsvLayout, type Field, nameOfRow, timeOfRow, venueOfRow } from './csv-layout.js';
import { parseFileTime, type TimeCheck } from './file-time.js';
import type { ParsedLine, RecordedEvent } from './recorded-line.js';

export interface CsvRowsOptions {
  readonly layout: CsvLayout;
  /** The instrument of a row with this name, or without one; undefined if the row is not wanted. */
  readonly instrumentOf: (venue: string, name: string | undefined) => Instrument | undefined;
  readonly checkTime: TimeCheck;
  /** Length of a bar if its row does not state it. */
  readonly barMs: number;
  /** Trades without ids are numbered by symbol, from 1. */
  readonly lastIds: Map<string, number>;
}

const example = ', as 2025-01-31T12:00:00Z or 1738324800000';
/** The many ways of venues and programs to write "no trades". */
const nothing = /^(?:|-|nan|null|none|n\/a)$/i;
const unsaid = /^(?:|-|nan|null|none|unknown)$/i;
/** `buy_estimated` is what a data seller concluded. */
const buys = /^(?:b|buy|bid|buy_estimated)$/i;
const sells = /^(?:s|a|sell|ask|sell_estimated)$/i;
const truths = /^(?:true|t|1)$/i;
const untruths = /^(?:false|f|0)$/i;

/** Reads a row of a table. @throws MarketError `bad-line` */
export const createCsvRowParser = (options: CsvRowsOptions): ((line: string) => ParsedLine) => {
  const { layout, instrumentOf, checkTime, barMs, lastIds } = options;
  const { kind, names, at, delimiter, hasDecimalComma } = layout;

  const sideOfRow = (cell: (field: Field) => string | undefined): Side | undefined => {
    const side = cell('side');
    return sideOf(layout.hasNumberedSides ? numberedSides[Number(side)] : side, cell('isBuyerMaker'));
  };

  const nextId = (symbol: string): string => {
    const id = (lastIds.get(symbol) ?? 0) + 1;
    lastIds.set(symbol, id);
    return String(id);
  };

  return (line) => {
    const cells = splitCells(line, delimiter);
    if (cells.length !== names.length && !(cells.length === names.length + 1 && cells.at(-1) === ''))
      throw bad(`expected ${names.length} columns, got ${cells.length}`);
    const cell = (field: Field): string | undefined => (at[field] === undefined ? undefined : cells[at[field]]);
    const numberIn = (field: Field): string | undefined => {
      const text = cell(field);
      if (!hasDecimalComma) return text;
      // A point would be one of thousands.
      if (text?.includes('.'))
        throw bad(`${nameOf(field)} has a point in a file with decimal commas, got ${shownText(text)}`);
      return text?.replace(/^(-?\d+),(?=\d+$)/, '$1.');
    };
    const nameOf = (field: Field): string => shownName(names[at[field] ?? -1] ?? field);

    const timeOf = (field: 'received' | 'time' | 'endTime'): number => {
      const text = cell(field) ?? '';
      const ms = field === 'endTime' ? parseFileTime(text) : timeOfRow(layout, cells, field);
      if (ms === undefined) throw bad(`${nameOf(field)} must be a time${text && example}, got ${shownText(text)}`);
      const wrong = checkTime(ms);
      if (wrong !== undefined) throw bad(`${nameOf(field)} is wrong: ${wrong}`);
      return ms;
    };
    /** The receive time counts, because it orders the lines; the venue time may be missing. */
    const received = at.received === undefined ? undefined : timeOf('received');
    const ts = received !== undefined && nothing.test(cell('time') ?? '') ? received : timeOf('time');
    const rts = received ?? ts;

    const instrument = instrumentOf(venueOfRow(layout, cells), nameOfRow(layout, cells));
    if (!instrument) return { rts, events: [], ignored: 'other instruments' };
    const header = { ...instrument, ts, rts };
    const one = (event: RecordedEvent): ParsedLine => ({
      rts: event.kind === 'price' ? event.rts : rts,
      events: [event],
    });

    switch (kind) {
      case 'bar': {
        if (nothing.test(numberIn('close') ?? '')) return { rts, events: [], ignored: 'empty bars' };
        if (untruths.test(cell('isClosed') ?? '')) return { rts, events: [], ignored: 'open bars' };
        const price = priceOf(numberIn('close'), 'the price');
        const end =
          at.endTime === undefined || nothing.test(cell('endTime') ?? '') ? endOfBar(ts, barMs) : timeOf('endTime') + 1;
        return one({ kind: 'price', ...instrument, ts: end, rts: end, price, barStart: ts });
      }
      case 'quote': {
        const [bidText, askText] = [numberIn('bid') ?? '', numberIn('ask') ?? ''];
        if (isAbsent(bidText) || isAbsent(askText)) return { rts, events: [], ignored: 'quotes with one side' };
        const [bid, ask] = [priceOf(bidText, 'the bid'), priceOf(askText, 'the ask')];
        if (Number(bid) > Number(ask)) throw bad(`the bid ${bid} is above the ask ${ask}`);
        const quote = {
          ...header,
          bid,
          bidSize: sizeOf(numberIn('bidSize')),
          ask,
          askSize: sizeOf(numberIn('askSize')),
        };
        return one({ kind: 'quote', quote });
      }
      case 'trade': {
        const price = priceOf(numberIn('price'), 'the price');
        const signed = layout.hasSignedSizes ? numberIn('size') : undefined;
        const side = signed === undefined ? sideOfRow(cell) : signed.startsWith('-') ? 'sell' : 'buy';
        if (at.size === undefined || side === undefined) return one({ kind: 'price', ...header, price });
        const size = priceOf(signed?.replace(/^-/, '') ?? numberIn('size'), 'the size');
        const id = cell('id');
        return one({
          kind: 'trade',
          trade: {
            type: 'price.trade',
            ...header,
            price,
            size,
            side,
            id: id !== undefined && /^\d{1,19}$/.test(id) ? id : nextId(instrument.symbol),
          },
        });
      }
    }
  };
};

/** As Bitstamp numbers them. */
const numberedSides = ['buy', 'sell'] as const;

const dayMs = 86_400_000;

/** A bar of a month ends with it, however long the shortest one of the file is. */
const endOfBar = (startMs: number, barMs: number): number => {
  const start = new Date(startMs);
  const isMonth = barMs >= 28 * dayMs && barMs <= 31 * dayMs && start.getUTCDate() === 1;
  return isMonth ? start.setUTCMonth(start.getUTCMonth() + 1) : startMs + barMs;
};

const priceOf = (text: string | undefined, what: string): string => {
  const price = decimalOf(text ?? '');
  if (price === undefined || !isPrice(price))
    throw bad(
      `${what} must be a number above zero${text?.includes(',') ? ', with a point if it has decimals' : ''}, got ${shownText(text ?? '')}`,
    );
  return price;
};

const decimalOf = (text: string): string | undefined => {
  try {
    return expandExponent(text);
  } catch {
    return undefined;
  }
};

const isAbsent = (text: string): boolean => nothing.test(text) || /^0(?:\.0*)?$/.test(text);

/** A size of a quote that is missing or not an amount is zero. */
const sizeOf = (text: string | undefined): string => {
  const size = decimalOf(text ?? '');
  return size === undefined || size.startsWith('-') ? '0' : size;
};

/** The taker's side; `isBuyerMaker` means that the taker sold. Undefined if the row has neither. */
const sideOf = (side: string | undefined, isBuyerMaker: string | undefined): Side | undefined => {
  const text = isBuyerMaker ?? side;
  if (text === undefined || unsaid.test(text)) return undefined;
  const [sold, bought] = isBuyerMaker === undefined ? [sells, buys] : [truths, untruths];
  if (sold.test(text)) return 'sell';
  if (bought.test(text)) return 'buy';
  throw bad(`the side must be buy or sell, got ${shownText(text)}`);
};

const shownName = (name: string): string => shownText(name).slice(1, -1);
const bad = (message: string): MarketError => new MarketError('bad-line', message);
