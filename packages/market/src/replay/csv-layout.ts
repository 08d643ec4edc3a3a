import { isVenue } from '@tickwire/protocol';
import { type Delimiter, delimiterOf, splitCells } from './csv-cells.js';
import { headerlessNames } from './csv-headerless.js';
import { parseFileTime } from './file-time.js';

/** The meanings that a column can have. */
export type Field =
  | ('received' | 'time' | 'date' | 'endTime' | 'id' | 'symbol' | 'base' | 'quote' | 'venue')
  | ('price' | 'size' | 'side' | 'isBuyerMaker')
  | ('bid' | 'bidSize' | 'ask' | 'askSize')
  | ('close' | 'isClosed');

/** The columns of a table. */
export interface CsvLayout {
  readonly kind: 'trade' | 'quote' | 'bar';
  readonly delimiter: Delimiter;
  /** Names as in the file; the usual ones for a table without a header. */
  readonly names: readonly string[];
  readonly at: Readonly<Partial<Record<Field, number>>>;
  /** Decimals stand behind a comma. */
  readonly hasDecimalComma?: boolean;
  /** A side is 0 or 1. */
  readonly hasNumberedSides?: boolean;
  /** No column has the side: the size of a trade whose taker sold is below zero. */
  readonly hasSignedSizes?: boolean;
  /** The venue of the rows, if no column has it. */
  readonly venue: string;
}

/**
 * Names of columns, in lower case, without blanks and punctuation; the first one that a table has is used. They come
 * from public dumps of exchanges, data sellers and common programs.
 */
const known: Readonly<Record<Field, readonly string[]>> = {
  received: ['recvns', 'recvms', 'localtimestamp', 'receivedat'],
  time: [
    ...['tradems', 'transacttime', 'transactiontime', 'eventms', 'eventtime', 'openms', 'opentime', 'timems'],
    ...['unix', 'unixtimestamp', 'unixtime', 'timestampms', 'timestamp', 'time', 'ts', 'datetime', 'dateutc', 'date'],
    ...[
      'starttime',
      'start',
      'createdtime',
      'createdat',
      'timeexchange',
      'tradetime',
      'exectime',
      'mts',
      'tradetimestamp',
    ],
  ],
  date: ['date'],
  endTime: ['closetime', 'closems'],
  id: ['tradeid', 'aggtradeid', 'aggid', 'id', 'tid'],
  symbol: [
    ...['symbol', 'pair', 'instrument', 'productid', 'market', 'instrumentname', 'instrumentid', 'instid', 'ticker'],
    ...['currencypair', 'tradingpair', 'assetpair', 'marketsymbol', 'symbolname', 'instrumentcode', 'sym', 'marketid'],
  ],
  base: ['base', 'basecurrency', 'baseasset', 'basesymbol'],
  quote: ['quote', 'quotecurrency', 'quoteasset', 'quotesymbol'],
  venue: ['exchange', 'venue'],
  price: ['price', 'tradeprice', 'lastprice', 'p', 'px'],
  size: [
    'qty',
    'size',
    'quantity',
    'amount',
    'baseqty',
    'baseamount',
    'sizebase',
    'volume',
    'vol',
    'sz',
    'tradevolume',
  ],
  side: ['takerside', 'aggressorside', 'side', 'direction', 'askbid', 'aggressor', 'takerorderside'],
  isBuyerMaker: ['isbuyermaker', 'wasbuyermaker', 'buyermaker', 'sell', 'issell', 'takersidesell'],
  bid: ['bid', 'bidprice', 'bestbid', 'bestbidprice', 'bids0price', 'bidpx'],
  bidSize: ['bidqty', 'bidsize', 'bidamount', 'bidquantity', 'bestbidqty', 'bestbidsize', 'bids0amount', 'bidsx'],
  ask: ['ask', 'askprice', 'bestask', 'bestaskprice', 'asks0price', 'askpx'],
  askSize: ['askqty', 'asksize', 'askamount', 'askquantity', 'bestaskqty', 'bestasksize', 'asks0amount', 'asksx'],
  close: ['close', 'closeprice', 'c'],
  isClosed: ['isclosed', 'closed', 'isfinal', 'final', 'confirm', 'confirmed', 'complete', 'iscomplete'],
};

/** Columns that only tables from Binance have. */
const ofBinance = ['recvns', 'transacttime', 'isbuyermaker', 'aggtradeid', 'bestbidprice', 'takerbuyvolume', 'ignore'];
/** Columns of QuestDB's tables of Coinbase. */
const ofCoinbase = ['symbol', 'side', 'price', 'amount'];

/** Part of the error message for a table without these columns. */
export const neededColumns = `a time (${['open_time', 'timestamp', 'time', 'unix', 'datetime', 'date'].join(', ')} …), and price, or close, or bid and ask`;

/** OKX writes each name in two languages: `trade_id/撮合id`. */
export const canonical = (name: string): string =>
  name
    .replace(/[/](?=[^ -~]).*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

/** Undefined for a line that is not a header with known columns. The rows below show how it writes numbers. */
export const headerLayout = (line: string, rows: readonly string[] = []): CsvLayout | undefined => {
  const delimiter = delimiterOf(line);
  const layout = delimiter && layoutOf(splitCells(line, delimiter), delimiter);
  return layout && { ...layout, hasDecimalComma: delimiter === ';' && haveDecimalComma(rows, delimiter) };
};

/** In 1,25 the comma is that of decimals, as spreadsheets of many countries write it; in 1,250 it may be of thousands. */
const haveDecimalComma = (rows: readonly string[], delimiter: Delimiter): boolean => {
  const cells = rows.flatMap((row) => splitCells(row, delimiter));
  return (
    cells.some((cell) => /^-?(?:\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+)$/.test(cell)) &&
    !cells.some((cell) => /^-?\d+\.\d+$/.test(cell))
  );
};

/** The layout of a table without a header, from its first rows. */
export const headerlessLayout = (lines: readonly string[]): CsvLayout | undefined => {
  const delimiter = delimiterOf(lines[0] ?? '');
  const names = delimiter && headerlessNames(lines.map((line) => splitCells(line, delimiter)));
  return names && layoutOf(names, delimiter);
};

/** A row has a number; the header of a table, a name in each cell. */
const numberInCell = /(?:^|[,;\t|])\s*"?[-+.]?\d/;

/** The layout that a line in the middle of a table begins, as in files joined from several. */
export const laterLayout = (line: string): CsvLayout | undefined =>
  numberInCell.test(line) ? undefined : headerLayout(line);

const layoutOf = (names: readonly string[], delimiter: Delimiter): CsvLayout | undefined => {
  const plain = names.map(canonical);
  const at: Partial<Record<Field, number>> = {};
  for (const [field, candidates] of Object.entries(known) as [Field, readonly string[]][]) {
    const name = candidates.find((candidate) => plain.includes(candidate));
    if (name !== undefined) at[field] = plain.indexOf(name);
  }
  // The name of one half of a pair means nothing alone.
  if (at.symbol !== undefined || at.base === undefined || at.quote === undefined) {
    delete at.base;
    delete at.quote;
  }
  const isTrade =
    at.price !== undefined && at.size !== undefined && (at.side !== undefined || at.isBuyerMaker !== undefined);
  // Some tables have beside each trade the best quotes of its moment.
  const isQuote = at.bid !== undefined && at.ask !== undefined && !isTrade;
  const kind = isQuote ? 'quote' : at.close !== undefined ? 'bar' : at.price !== undefined ? 'trade' : undefined;
  if (kind === undefined || (at.time === undefined && at.received === undefined)) return undefined;
  return { kind, delimiter, names, at, venue: venueOf(plain) };
};

const venueOf = (plain: readonly string[]): string => {
  if (plain.length === 5 && ofCoinbase.every((name) => plain.includes(name))) return 'coinbase';
  return ofBinance.some((name) => plain.includes(name)) ? 'binance' : 'file';
};

/** The receive time of a row, or else its venue time; undefined if the cell is not a time. */
export const timeOfRow = (
  { at }: CsvLayout,
  cells: readonly string[],
  field: 'received' | 'time',
): number | undefined => {
  const text = cells[at[field] ?? -1] ?? '';
  const date = cells[at.date ?? -1];
  // Some tables have date and time of day in two columns.
  return parseFileTime(text) ?? (date === undefined ? undefined : parseFileTime(`${date} ${text}`));
};

/** The venue of a row: the content of its column, if that can be the name of a venue. */
export const venueOfRow = ({ at, venue }: CsvLayout, cells: readonly string[]): string => {
  const named = cells[at.venue ?? -1]?.toLowerCase();
  return named !== undefined && isVenue(named) ? named : venue;
};

/** Whether the rows say which instrument they are of. */
export const hasNames = ({ at }: CsvLayout): boolean => at.symbol !== undefined || at.base !== undefined;

/** The name of the instrument of a row; undefined if no column has it. */
export const nameOfRow = ({ at }: CsvLayout, cells: readonly string[]): string | undefined => {
  const [base, quote] = [cells[at.base ?? -1], cells[at.quote ?? -1]];
  return base !== undefined && quote !== undefined ? `${base}-${quote}` : cells[at.symbol ?? -1];
};

/** Whether a line repeats the header, as in files joined from several. */
export const isHeaderOf = ({ names, delimiter }: CsvLayout, line: string): boolean => {
  const [first = ''] = names;
  // Called for every row: the first cell distinguishes nearly all of them from the header.
  if (!line.includes(first)) return false;
  const cells = splitCells(line, delimiter);
  return cells.length === names.length && cells.every((cell, i) => cell === names[i]);
};
