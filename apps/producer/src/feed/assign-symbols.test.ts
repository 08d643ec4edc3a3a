import { describe, expect, it } from '@jest/globals';
import { assignSymbols } from './assign-symbols.js';

const binance = { venue: 'binance', listed: ['BTC-USDT', 'ETH-USDT', 'ETH-BTC'] };
const coinbase = { venue: 'coinbase', listed: ['BTC-USD', 'ETH-USD', 'BTC-USDT'] };

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

  it('[P41] a venue that did not tell what it lists gets all', () => {
    const assigned = assignSymbols(['ETH-USD', 'BTC-USDT'], [{ venue: 'binance', listed: undefined }, coinbase]);
    expect(assigned.get('binance')).toEqual(['ETH-USD', 'BTC-USDT']);
  });
});
