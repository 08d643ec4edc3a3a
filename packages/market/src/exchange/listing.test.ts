import { describe, expect, test } from '@jest/globals';
import { nearestSymbols, pairsOf, readMarket } from './listing.js';
import type { Pair } from './venue.js';
import { venueNames, venueOf } from './venues.js';

const listed: readonly Pair[] = [
  'BTC-USDT',
  'BTC-USDC',
  'ETH-USDT',
  'ETH-BTC',
  'SOL-USDT',
  'WBTC-USDT',
  'DOGE-EUR',
].map((symbol) => ({ symbol, name: symbol.replace('-', '') }));
const symbols = listed.map(({ symbol }) => symbol);

describe('listings', () => {
  test.each([
    ['BTC-USTD', ['BTC-USDT', 'BTC-USDC', 'WBTC-USDT']],
    ['BTC-USD', ['BTC-USDC', 'BTC-USDT', 'WBTC-USDT']],
    ['XBT-USDT', ['BTC-USDT', 'WBTC-USDT', 'BTC-USDC']],
    ['btc-usdt', ['BTC-USDT', 'BTC-USDC', 'WBTC-USDT']],
    ['ZZZZZZZZ', []],
  ])('[M74] nearest to %s are %p', (symbol, nearest) => {
    expect(nearestSymbols(symbol, symbols)).toEqual(nearest);
  });

  test('[M74] unknown symbols are reported in one line with the nearest names', () => {
    expect(pairsOf('binance', ['ETH-BTC', 'BTC-USDT'], listed).map(({ name }) => name)).toEqual(['ETHBTC', 'BTCUSDT']);
    expect(() => pairsOf('binance', ['DOGE-EUE', 'ETH-BTC', 'QQQQQQ-Q'], listed)).toThrow(
      expect.objectContaining({
        code: 'unknown-symbol',
        message: 'binance does not list DOGE-EUE (nearest: DOGE-EUR), QQQQQQ-Q',
      }),
    );
  });

  test('[M74] the error for an exchange without an adapter names those that have one', () => {
    expect(venueNames).toEqual(['binance', 'coinbase', 'kraken']);
    for (const name of ['bitfinex', 'toString', '__proto__'])
      expect(() => venueOf(name)).toThrow(
        expect.objectContaining({
          code: 'unknown-venue',
          message: `no adapter for ${name}: there are binance, coinbase, kraken`,
        }),
      );
  });

  test('[M75] a venue that does not answer is reported', async () => {
    const http = async () => ({ status: 503, text: 'down' });
    const failure = { code: 'venue-unreachable', message: expect.stringContaining('503 down') };
    await expect(readMarket('coinbase', [], { http })).rejects.toMatchObject(failure);
  });
});
