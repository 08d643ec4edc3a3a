import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MemoryGateway, sampleBar, startMemoryGateway } from '../support/memory-gateway.js';

const require = createRequire(import.meta.url);

type Fields = Readonly<Record<string, unknown>>;

/** The part of binance-api-node used here. */
interface ApiNode {
  readonly default: (options: object) => {
    book(of: object): Promise<Fields>;
    candles(of: object): Promise<readonly Fields[]>;
    aggTrades(of: object): Promise<readonly Fields[]>;
    trades(of: object): Promise<readonly Fields[]>;
    avgPrice(of: object): Promise<Fields>;
    dailyStats(of: object): Promise<Fields>;
    readonly ws: {
      depth(symbol: string, onUpdate: (update: Fields) => void): () => void;
      partialDepth(of: object, onBook: (book: Fields) => void): () => void;
      candles(symbol: string, interval: string, onCandle: (candle: Fields) => void): () => void;
      allTickers(onTickers: (tickers: readonly Fields[]) => void): () => void;
    };
  };
}

/** It has no types. */
interface Connector {
  readonly Spot: new (
    key: string,
    secret: string,
    options: object,
  ) => Readonly<Record<'depth' | 'avgPrice' | 'rollingWindowTicker', (...of: unknown[]) => Promise<{ data: Fields }>>>;
}

const first = 1_700_006_400_000;
const day = { open24h: '5', high24h: '9', low24h: '4', volume24h: '10', quoteVolume24h: '60' };

describe('clients written for Binance, unchanged, beside trades', () => {
  let served: MemoryGateway;
  beforeAll(async () => {
    served = await startMemoryGateway();
    const header = { venue: 'sim', symbol: 'BTC-USD', rts: first };
    for (let at = 0; at < 6; at += 1) {
      await served.publish('bar-1m.sim.BTC-USD', {
        ...sampleBar,
        ...header,
        ts: first + at * 60_000 + 5,
        start: first + at * 60_000,
        high: '9',
        close: '6',
        volume: '2',
        quoteVolume: '9',
        trades: 3,
      });
    }
    await served.publish('bar-5m.sim.BTC-USD', {
      ...sampleBar,
      ...header,
      ts: first + 300_005,
      start: first + 300_000,
      interval: '5m',
      high: '9',
      close: '6',
      volume: '2',
      quoteVolume: '9',
      trades: 3,
      closed: false,
    });
    const trade = { type: 'price.trade', ...header, ts: first, id: '41', price: '6', size: '2', side: 'sell' };
    await served.publish('trade.sim.BTC-USD', trade);
    const quote = { bid: '5.9', bidSize: '2', ask: '6.1', askSize: '3' };
    await served.publish('ticker.sim.BTC-USD', {
      type: 'price.ticker',
      ...header,
      ts: first,
      last: '6',
      ...quote,
      ...day,
    });
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
  });

  it('[G167] binance-api-node: books, candles, trades, averages', async () => {
    const { default: open } = require('binance-api-node') as ApiNode;
    const client = open({ wsBase: `${served.url.replace('http', 'ws')}/ws`, httpBase: served.url });
    const symbol = 'BTCUSD';
    const levels = { bids: [{ price: '5.9', quantity: '2' }], asks: [{ price: '6.1', quantity: '3' }] };
    expect(await client.book({ symbol })).toEqual({ lastUpdateId: 101, ...levels });
    const candle = { openTime: first + 300_000, open: '1', close: '6', volume: '2', trades: 3 };
    expect((await client.candles({ symbol, interval: '5m' })).at(-1)).toMatchObject(candle);
    expect(await client.aggTrades({ symbol, limit: 1 })).toMatchObject([{ aggId: 41, price: '6' }]);
    expect(await client.trades({ symbol })).toMatchObject([{ id: 41, quoteQty: '12' }]);
    expect(await client.avgPrice({ symbol })).toMatchObject({ mins: 5, price: '4.50000000' });
    expect(await client.dailyStats({ symbol })).toMatchObject({ priceChange: '1', priceChangePercent: '20.000' });

    const firstOf = <T>(follow: (on: (event: T) => void) => () => void): Promise<T> =>
      new Promise((resolve) => {
        const stop = follow((event) => {
          resolve(event);
          stop();
        });
      });
    const [update, book, live, tickers] = await Promise.all([
      firstOf<Fields>((on) => client.ws.depth(symbol, on)),
      firstOf<Fields>((on) => client.ws.partialDepth({ symbol, level: 5 }, on)),
      firstOf<Fields>((on) => client.ws.candles(symbol, '5m', on)),
      firstOf<readonly Fields[]>((on) => client.ws.allTickers(on)),
    ]);
    expect(update).toMatchObject({ firstUpdateId: 101, finalUpdateId: 101, bidDepth: levels.bids });
    expect(book).toMatchObject({ lastUpdateId: 101, ...levels });
    expect(live).toMatchObject({ interval: '5m', startTime: first + 300_000, volume: '2' });
    expect(tickers).toMatchObject([{ symbol, curDayClose: '6' }]);
  });

  it('[G167] binance and @binance/connector: what one asks that is not of a stream', async () => {
    const { MainClient } = await import('binance');
    const client = new MainClient({ baseUrl: served.url });
    const symbol = 'BTCUSD';
    expect(await client.getOrderBook({ symbol })).toMatchObject({ bids: [['5.9', '2']] });
    expect(await client.getHistoricalTrades({ symbol })).toMatchObject([{ id: 41 }]);
    expect(await client.getUIKlines({ symbol, interval: '1h' })).toMatchObject([{ 0: first, 2: '9' }]);

    const { Spot } = require('@binance/connector') as Connector;
    const connector = new Spot('', '', { baseURL: served.url });
    expect((await connector.depth(symbol, { limit: 5 })).data).toMatchObject({ asks: [['6.1', '3']] });
    expect((await connector.avgPrice(symbol)).data).toMatchObject({ price: '4.50000000' });
    const { data } = await connector.rollingWindowTicker(symbol, [], { windowSize: '2h' });
    expect(data).toMatchObject({ openPrice: '1', lastPrice: '6', volume: '12', count: 18 });
  });
});
