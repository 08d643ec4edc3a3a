import { createTimeCheck, parseFileTime } from './file-time.js';

/**
 * Tables that exchanges publish without a header, by the form of their cells: `t` time, `i` whole number, `n` number,
 * `b` true or false. Binance: klines, trades, aggregated trades and best quotes, of spot and futures. Kraken: trades.
 */
const tables: readonly (readonly [forms: string, names: string])[] = [
  [
    'tnnnnntninnn',
    'open_time open high low close volume close_time quote_volume count taker_buy_volume taker_buy_quote_volume ignore',
  ],
  ['innntbb', 'trade_id price qty quote_qty time is_buyer_maker is_best_match'],
  ['innntb', 'trade_id price qty quote_qty time is_buyer_maker'],
  ['inniitbb', 'agg_trade_id price qty first_id last_id transact_time is_buyer_maker is_best_match'],
  ['inniitb', 'agg_trade_id price qty first_id last_id transact_time is_buyer_maker'],
  ['innnntt', 'update_id best_bid_price best_bid_qty best_ask_price best_ask_qty transaction_time event_time'],
  ['tnn', 'time price volume'],
];

const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const forms: Readonly<Record<string, (cell: string) => boolean>> = {
  t: (cell) => isTime(cell),
  i: (cell) => /^\d+$/.test(cell),
  n: (cell) => number.test(cell),
  b: (cell) => /^(?:true|false)$/i.test(cell),
};

const isTime = (cell: string): boolean => {
  const ms = /^\d/.test(cell) ? parseFileTime(cell) : undefined;
  return ms !== undefined && createTimeCheck()(ms) === undefined;
};

/** Bars without a close time: a time, five numbers, and up to three further ones. */
const barForm = /^tn{5,8}$/;

/** The first columns of bars after the time, by exchange; `high` and `low` show which it is. */
const barOrders: readonly string[] = [
  'open high low close volume', // Kraken, Bybit, OKX, ccxt
  'low high open close volume', // Coinbase
  'open close high low volume', // Bitfinex, KuCoin
  'open close low high volume', // HTX
  'volume close high low open', // Gate
];
/** A few bars of a file may have wrong prices. */
const minFitting = 0.9;

/** The column names of a table without a header, from its first rows; those of bars need several. */
export const headerlessNames = (rows: readonly (readonly string[])[]): readonly string[] | undefined => {
  const [first = []] = rows;
  const found = tables.find(([shape]) => hasForm(first, shape));
  if (found) return found[1].split(' ');
  const bar = `t${'n'.repeat(Math.max(0, first.length - 1))}`;
  return barForm.test(bar) && hasForm(first, bar) ? barNames(rows.filter((cells) => hasForm(cells, bar))) : undefined;
};

const hasForm = (cells: readonly string[], shape: string): boolean =>
  shape.length === cells.length && cells.every((cell, i) => forms[shape[i] as string]?.(cell));

/** The order in which most rows are bars: nothing is above the high or below the low. */
const barNames = (rows: readonly (readonly string[])[]): readonly string[] | undefined => {
  const orders = barOrders.map((order) => ['time', ...order.split(' ')]);
  const fitting = orders.map((names) => rows.filter((cells) => isBar(names, cells)).length);
  const most = Math.max(...fitting);
  const names = orders[fitting.indexOf(most)];
  if (!names || most < minFitting * rows.length) return undefined;
  const further = (rows[0] as readonly string[]).slice(names.length);
  return [...names, ...further.map((_, i) => `column_${names.length + i + 1}`)];
};

const isBar = (names: readonly string[], cells: readonly string[]): boolean => {
  const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((name) => Number(cells[names.indexOf(name)]));
  const [top, bottom] = [Math.max(open as number, close as number), Math.min(open as number, close as number)];
  return (high as number) >= top && (low as number) <= bottom;
};
