import { describe, expect, it } from '@jest/globals';
import { assignSymbols } from './assign-symbols.js';

const listing = (venue: string, symbols: readonly string[], volumes: Readonly<Record<string, number>> = {}) => ({
  venue,
  market: {
    listed: symbols.map((symbol) => ({ symbol, name: symbol })),
    volumes: new Map(Object.entries(volumes)),
  },
});
const binance = listing('binance', ['BTC-USDT', 'ETH-USDT', 'ETH-BTC']);
const coinbase = listing('coinbase', ['BTC-USD', 'ETH-USD', 'BTC-USDT']);

describe('symbols of venues', () => {
  it('[P40] each goes to every venue that lists it, in the order given', () => {
    const assigned = assignSymbols(['ETH-USD', 'BTC-USDT', 'ETH-BTC'], [binance, coinbase]);
    expect([...assigned]).toEqual([
      ['binance', ['BTC-USDT', 'ETH-BTC']],
      ['coinbase', ['ETH-USD', 'BTC-USDT']],
    ]);
  });

  it.each([
    [
      ['BTC-USTD', 'ETH-USDT'],
      [binance],
      'SYMBOLS is "BTC-USTD,ETH-USDT", but binance does not list BTC-USTD (nearest: BTC-USDT, ETH-USDT)',
    ],
    [
      ['BTC-USTD'],
      [binance, coinbase],
      'SYMBOLS is "BTC-USTD", but binance does not list BTC-USTD (nearest: BTC-USDT, ETH-USDT); coinbase does not list BTC-USTD (nearest: BTC-USD, BTC-USDT, ETH-USD)',
    ],
    [
      ['ETH-USDT'],
      [binance, coinbase],
      'SYMBOLS is "ETH-USDT", but coinbase does not list ETH-USDT (nearest: ETH-USD, BTC-USDT, BTC-USD)',
    ],
  ])('[P40] %j is refused in one line with the nearest names', (symbols, venues, message) => {
    expect(() => assignSymbols(symbols, venues)).toThrow(message);
    expect(() => assignSymbols(symbols, venues)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
  });

  it('[P41] a venue whose list could not be read gets all symbols', () => {
    const assigned = assignSymbols(['ETH-USD', 'BTC-USDT'], [{ venue: 'binance', market: undefined }, coinbase]);
    expect(assigned.get('binance')).toEqual(['ETH-USD', 'BTC-USDT']);
  });

  it('[P200] a pattern goes to every venue where it matches a symbol', () => {
    const assigned = assignSymbols(
      ['*-USDT', 'top:1', 'ETH-USD'],
      [binance, listing('other', ['BTC-USDT', 'ETH-USD'], { 'ETH-USD': 1 })],
    );
    expect([...assigned]).toEqual([
      ['binance', ['*-USDT']],
      ['other', ['*-USDT', 'top:1', 'ETH-USD']],
    ]);
  });

  it.each([
    ['*-USTD', 'SYMBOLS is "*-USTD", but binance lists 3 symbols, and none that *-USTD stands for (nearest: *-USDT)'],
    [
      'ETC-*',
      'SYMBOLS is "ETC-*", but binance lists 3 symbols, and none that ETC-* stands for (nearest: BTC-*, ETH-*)',
    ],
    ['top:100', 'SYMBOLS is "top:100", but binance reports no volumes, and top:100 needs them'],
  ])('[P201] %s that stands for nothing is rejected in one line with what there is', (symbol, message) => {
    expect(() => assignSymbols([symbol], [binance])).toThrow(message);
  });
});
