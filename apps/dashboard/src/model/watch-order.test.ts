import { describe, expect, it } from '@jest/globals';
import { filterRows, nextSort, type Sortable, sortRows } from './watch-order.js';

const row = (symbol: string, fields: Partial<Sortable> = {}): Sortable => ({
  venue: 'sim',
  symbol,
  last: 1,
  changePercent: 0,
  spreadBasisPoints: 1,
  heardAtVenue: 0,
  move: 0,
  dollarVolume: 0,
  isFavourite: false,
  ...fields,
});
const names = (rows: readonly Sortable[]) => rows.map(({ symbol }) => symbol).join(' ');

describe('the order of rows', () => {
  const rows = [
    row('C', { last: 3, changePercent: -1, heardAtVenue: 10 }),
    row('A', { last: Number.NaN, changePercent: 5, heardAtVenue: 30 }),
    row('B', { last: 9, changePercent: 2, heardAtVenue: 20 }),
    row('D', { last: 3, changePercent: Number.NaN, heardAtVenue: Number.NaN }),
  ];

  it('[D13] follows any column in both directions', () => {
    expect(names(sortRows(rows, 'symbol', 'ascending'))).toBe('A B C D');
    expect(names(sortRows(rows, 'symbol', 'descending'))).toBe('D C B A');
    expect(names(sortRows(rows, 'change', 'descending'))).toBe('A B C D');
    expect(names(sortRows(rows, 'age', 'ascending'))).toBe('A B C D');
  });

  it('[D13] has what is not known last, and ties by name', () => {
    expect(names(sortRows(rows, 'last', 'ascending'))).toBe('C D B A');
    expect(names(sortRows(rows, 'last', 'descending'))).toBe('B C D A');
  });

  it('[D73] has favourites first, each part in the order chosen', () => {
    const some = [
      row('A', { dollarVolume: 1 }),
      row('B', { dollarVolume: 9 }),
      row('C', { dollarVolume: 2, isFavourite: true }),
      row('D', { dollarVolume: 5, isFavourite: true }),
      row('E', { dollarVolume: Number.NaN, isFavourite: true }),
    ];
    expect(names(sortRows(some, 'volume', 'descending'))).toBe('D C E B A');
    expect(names(sortRows(some, 'symbol', 'ascending'))).toBe('C D E A B');
  });

  it('[D13] turns round on the second click', () => {
    const first = nextSort('change', { key: 'symbol', order: 'ascending' });
    expect(first).toEqual({ key: 'change', order: 'descending' });
    expect(nextSort('change', first)).toEqual({ key: 'change', order: 'ascending' });
    expect(nextSort('symbol', first)).toEqual({ key: 'symbol', order: 'ascending' });
  });

  it('[D13] a filter wants every word, of symbol or venue', () => {
    const all = [row('BTC-USD'), row('BTC-USDT', { venue: 'binance' }), row('ETH-USD')];
    expect(names(filterRows(all, ''))).toBe('BTC-USD BTC-USDT ETH-USD');
    expect(names(filterRows(all, 'btc'))).toBe('BTC-USD BTC-USDT');
    expect(names(filterRows(all, ' BTC/usdt '))).toBe('BTC-USDT');
    expect(names(filterRows(all, 'bin'))).toBe('BTC-USDT');
    expect(names(filterRows(all, 'zzz'))).toBe('');
  });
});
