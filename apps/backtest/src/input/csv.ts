import { BacktestError } from '../errors.js';
import { bad, priceRow, quoteRow, type RowKind, type RowParser } from './row.js';

export interface CsvFormat {
  readonly kind: RowKind;
  readonly parse: RowParser;
}

/** Columns that may hold the time, best first, with what turns their text into milliseconds. */
const timeColumns: readonly (readonly [name: string, toMs: (text: string) => number])[] = [
  ['recv_ns', (text) => Number(text) / 1e6],
  ['open_ms', Number],
  ['trade_ms', Number],
  ['event_ms', Number],
  ['time_ms', Number],
  ['time', (text) => instantMs(text)],
  ['timestamp', (text) => instantMs(text)],
];

/** ISO 8601, or milliseconds since the Unix epoch. */
const instantMs = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Date.parse(text));

/**
 * What a CSV holds, from the names in its first line: quotes have `bid` and `ask`, bars a `close`, trades a `price`.
 * @throws BacktestError naming the header that fits none of them.
 */
export const csvFormat = (header: string): CsvFormat => {
  const names = cells(header.replace(/^\uFEFF/, '')).map((name) => name.toLowerCase());
  const column = (...candidates: readonly string[]): number =>
    candidates.map((name) => names.indexOf(name)).find((index) => index >= 0) ?? -1;
  const time = timeColumns.find(([name]) => names.includes(name));
  const [bid, ask, close, price] = [column('bid'), column('ask'), column('close', 'c'), column('price')];
  const isQuote = bid >= 0 && ask >= 0;
  if (time === undefined || !(isQuote || close >= 0 || price >= 0)) {
    throw new BacktestError(
      'input',
      `the header "${header}" is of no known kind; it needs a time (${timeColumns.map(([name]) => name).join(', ')}) ` +
        'and bid and ask, or close, or price',
    );
  }
  const [timeName, toMs] = time;
  const timeAt = names.indexOf(timeName);
  const symbolAt = column('symbol');
  const [bidSize, askSize] = [column('bid_qty', 'bid_size'), column('ask_qty', 'ask_size')];
  const kind = isQuote ? 'quote' : close >= 0 ? 'bar' : 'trade';

  return {
    kind,
    parse: (text) => {
      const row = cells(text);
      if (row.length !== names.length) return bad(`expected ${names.length} columns, got ${row.length}`);
      const timeText = row[timeAt] ?? '';
      const atMs = timeText === '' ? Number.NaN : toMs(timeText);
      if (!Number.isFinite(atMs)) return bad(`${timeName} must be a time, got "${timeText}"`);
      const symbol = row[symbolAt];
      if (kind !== 'quote') return priceRow(kind, atMs, row[kind === 'bar' ? close : price], symbol);
      const quote = { atMs, bid: row[bid], ask: row[ask], bidSize: row[bidSize], askSize: row[askSize] };
      return quoteRow(symbol === undefined ? quote : { ...quote, symbol });
    },
  };
};

/** None of the known files quotes its cells around a comma. */
const cells = (line: string): string[] => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
