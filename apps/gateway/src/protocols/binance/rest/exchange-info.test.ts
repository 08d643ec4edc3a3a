import { expect, it } from '@jest/globals';
import { symbolInfos } from './exchange-info.js';

const infoOf = (priceDecimals?: number) => {
  const entry = { venue: 'kraken', symbol: 'PEPE-USD', ...(priceDecimals !== undefined && { priceDecimals }) };
  const [info] = symbolInfos([entry]);
  return info as { filters: [object]; quotePrecision: number };
};

it.each([
  [undefined, '0.00000001', 8],
  [0, '1.00000000', 8],
  [2, '0.01000000', 8],
  [8, '0.00000001', 8],
  [10, '0.0000000001', 10],
])('[G44] the tick of prices with %s decimals is %s', (priceDecimals, tickSize, quotePrecision) => {
  const info = infoOf(priceDecimals);
  expect(info.filters[0]).toMatchObject({ filterType: 'PRICE_FILTER', minPrice: tickSize, tickSize });
  expect(info).toMatchObject({ quotePrecision, quoteAssetPrecision: quotePrecision });
});
