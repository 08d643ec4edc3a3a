import { expect, it } from '@jest/globals';
import { catalogSchema, type MarketMessage, type Ticker } from '@tickwire/protocol';
import { catalogEntry } from '../feed/open-feed.js';
import { createInstrumentPipeline } from './instrument-pipeline.js';

const instrument = { venue: 'sim', symbol: 'PEPE-USD' } as const;

const run = (prices: readonly string[], venueDecimals?: number): readonly (number | undefined)[] => {
  const published: MarketMessage[] = [];
  const pipeline = createInstrumentPipeline({
    ...instrument,
    tickerMs: 10,
    publish: (message) => published.push(message),
  });
  const reported = [pipeline.priceDecimals];
  const precision = venueDecimals === undefined ? {} : { priceDecimals: venueDecimals };
  pipeline.add({ kind: 'state', state: { ...instrument, state: 'live', rts: 0, ...precision } });
  for (const [i, price] of prices.entries()) {
    const times = { ts: 1_000 + i * 10, rts: 1_000 + i * 10 };
    const trade = {
      ...instrument,
      ...times,
      type: 'price.trade',
      id: String(i),
      price,
      size: '1',
      side: 'buy',
    } as const;
    pipeline.add({ kind: 'trade', trade });
    pipeline.advance(trade.rts);
    reported.push(pipeline.priceDecimals);
    const { priceDecimals } = published.findLast(({ type }) => type === 'price.ticker') as Ticker;
    expect(priceDecimals).toBe(venueDecimals === undefined ? undefined : reported.at(-1));
  }
  return reported;
};

it('[P82] decimals are the most of all prices seen unless the venue states them; tickers have only what it states', () => {
  expect(run(['1', '0.9998', '1.00', '0.000000012'])).toEqual([undefined, 0, 4, 4, 9]);
  expect(run(['1', '0.9998'], 10)).toEqual([undefined, 10, 10]);
  // A precision stated once stays.
  expect(run(['42000'], 1)).toEqual([undefined, 1]);
});

it('[P314] a price with more digits than the venue stated shows a finer tick; zeros at its end do not', () => {
  expect(run(['42000.50000000', '42000.125', '42000.5'], 2)).toEqual([undefined, 2, 3, 3]);
});

it('[P372] the finest price that a decimal can have is in the catalog with its decimals, and does not spoil it', () => {
  const priceDecimals = run([`0.${'0'.repeat(61)}1`]).at(-1);
  const symbols = [catalogEntry('exchanges', instrument, { priceDecimals })];
  expect(symbols).toMatchObject([{ priceDecimals: 62 }]);
  expect(catalogSchema.safeParse({ type: 'feed.catalog', symbols }).error).toBeUndefined();
});
