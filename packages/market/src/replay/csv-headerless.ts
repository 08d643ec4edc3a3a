import { createTimeCheck, parseFileTime } from './file-time.js';

/**
 * Tables that exchanges publish without a header, by the form of their cells: `t` time, `i` whole number, `n` number,
 * `b` true or false. Binance: klines, trades, aggregated trades and best quotes, of spot and futures. Kraken: trades,
 * and bars with and without a count.
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
  ['tnnnnni', 'time open high low close volume count'],
  ['tnnnnn', 'time open high low close volume'],
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

/** The column names of such a table, from one of its rows. */
export const headerlessNames = (cells: readonly string[]): readonly string[] | undefined => {
  const found = tables.find(
    ([shape]) => shape.length === cells.length && cells.every((cell, i) => forms[shape[i] as string]?.(cell)),
  );
  return found?.[1].split(' ');
};
