import { describe, expect, it } from '@jest/globals';
import { createDollarRates } from './dollar-rates.js';
import { createWatchEntry } from './watch-entry.js';
import { sortRows } from './watch-order.js';

describe('volumes in dollars', () => {
  it('[D92] come from a pair on the page, either way round; stablecoins are dollars', () => {
    const rates = createDollarRates();
    expect([rates.of('USD'), rates.of('USDT'), rates.of('USDC'), rates.of('BTC')]).toEqual([1, 1, 1, Number.NaN]);
    rates.hear('BTC-USDT', 60_000);
    rates.hear('USDT-TRY', 40);
    rates.hear('ETH-BTC', 0.05);
    rates.hear('USDC-USDT', 0.98);
    rates.hear('EUR-USD', 0);
    expect(['BTC', 'TRY', 'ETH', 'USDC', 'EUR'].map(rates.of)).toEqual([60_000, 1 / 40, Number.NaN, 1, Number.NaN]);
    rates.hear('BTC-USD', 61_000);
    expect(rates.of('BTC')).toBe(61_000);
  });

  it('[D92] order the list; what has no price in dollars stands last', () => {
    const rates = createDollarRates();
    const entries = [
      ['BTC-USD', '60000', '1000000'],
      // 2,400,000 dollars.
      ['ETH-BTC', '0.05', '40'],
      ['SOL-EUR', '150', '900000000'],
      // 50,000 dollars.
      ['USDT-TRY', '40', '2000000'],
      ['ADA-KRW', '500', '9000000000'],
    ].map(([symbol = '', last = '', quoteVolume24h = '']) => {
      const entry = createWatchEntry('sim', symbol, rates);
      entry.addTicker({ type: 'price.ticker', venue: 'sim', symbol, ts: 0, rts: 0, last, quoteVolume24h }, 0);
      return entry;
    });
    const names = (order: 'ascending' | 'descending') =>
      sortRows(entries, 'volume', order).map(({ symbol }) => symbol.replace(/-.*/, ''));
    expect(names('descending')).toEqual(['ETH', 'BTC', 'USDT', 'ADA', 'SOL']);
    expect(names('ascending')).toEqual(['USDT', 'BTC', 'ETH', 'ADA', 'SOL']);
    // The first price of the euro moves what is counted in it, without news of its own.
    rates.hear('EUR-USDT', 1.1);
    expect(names('descending')).toEqual(['SOL', 'ETH', 'BTC', 'USDT', 'ADA']);
  });
});
