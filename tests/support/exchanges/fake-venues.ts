import type { VenueName } from '@tickwire/market';
import { binanceDialect } from './fake-binance.js';
import { coinbaseDialect } from './fake-coinbase.js';
import type { Dialect, FakeMarket, FakeSymbol } from './fake-exchange-types.js';
import { krakenDialect } from './fake-kraken.js';

export const fakeDialects: Readonly<Record<VenueName, (market: FakeMarket) => Dialect>> = {
  binance: binanceDialect(),
  coinbase: coinbaseDialect,
  kraken: krakenDialect,
};

export const fakeSymbols: Readonly<Record<VenueName, readonly FakeSymbol[]>> = {
  binance: [
    { symbol: 'BTC-USDT', priceDecimals: 8, sizeDecimals: 8 },
    { symbol: 'ETH-USDT', priceDecimals: 8, sizeDecimals: 8 },
  ],
  coinbase: [
    { symbol: 'BTC-USD', priceDecimals: 2, sizeDecimals: 8 },
    { symbol: 'ETH-USD', priceDecimals: 2, sizeDecimals: 8 },
  ],
  // One with prices far below one: as JSON numbers they have exponents.
  kraken: [
    { symbol: 'BTC-USD', priceDecimals: 1, sizeDecimals: 8 },
    { symbol: 'SHIB-USD', priceDecimals: 12, sizeDecimals: 5 },
  ],
};
