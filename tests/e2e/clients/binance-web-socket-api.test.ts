import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pinnedVersion, prove } from '../../support/compatibility.js';
import { type MemoryGateway, startMemoryGateway } from '../../support/memory-gateway.js';
import { waitFor } from '../../support/wait-for.js';

const require = createRequire(import.meta.url);
const protocol = 'Binance WebSocket API';
const symbol = 'BTCUSDT';
const one = { symbol };
const two = { symbol, limit: 2 };
const minutes = { ...two, interval: '1m' as const };
const windowed = { symbol, windowSize: '5m' as const };

/** What a client made of the result of each call, by its path in REST. */
type Results = Readonly<Record<string, unknown>>;

const askSpot = async (url: string): Promise<Results> => {
  process.env['LOG_LEVEL'] = 'error';
  const { Spot } = await import('@binance/spot');
  const key = { apiKey: 'none', apiSecret: 'none' };
  const spot = new Spot({ configurationWebsocketAPI: { ...key, wsURL: `${url}/ws-api/v3` } });
  const api = await spot.websocketAPI.connect();
  const asked = {
    ping: api.ping(),
    'exchangeInfo?symbol=BTCUSDT': api.exchangeInfo(one),
    'depth?symbol=BTCUSDT': api.depth(one),
    'trades?symbol=BTCUSDT&limit=2': api.tradesRecent(two),
    'historicalTrades?symbol=BTCUSDT&limit=2': api.tradesHistorical(two),
    'aggTrades?symbol=BTCUSDT&limit=2': api.tradesAggregate(two),
    'klines?symbol=BTCUSDT&interval=1m&limit=2': api.klines(minutes as never),
    'uiKlines?symbol=BTCUSDT&interval=1m&limit=2': api.uiKlines(minutes as never),
    'avgPrice?symbol=BTCUSDT': api.avgPrice(one),
    'ticker?symbol=BTCUSDT&windowSize=5m': api.ticker(windowed as never),
    'ticker/24hr?symbol=BTCUSDT': api.ticker24hr(one),
    'ticker/tradingDay?symbol=BTCUSDT': api.tickerTradingDay(one),
    'ticker/price': api.tickerPrice(),
    'ticker/bookTicker?symbols=["BTCUSDT"]': api.tickerBook({ symbols: [symbol] }),
  };
  const results = await allOf(asked, async (response) => (await response).data);
  await expect(api.accountStatus()).rejects.toMatchObject({ code: -1020 });
  await api.disconnect();
  return results;
};

const askBinance = async (url: string): Promise<Results> => {
  const { WebsocketAPIClient, DefaultLogger } = await import('binance');
  const silent = { ...DefaultLogger, trace() {}, info() {}, error() {} };
  const client = new WebsocketAPIClient({ wsUrl: url, beautify: false }, silent);
  const asked = {
    ping: client.testSpotConnectivity(),
    'depth?symbol=BTCUSDT': client.getSpotOrderBook(one),
    'trades?symbol=BTCUSDT&limit=2': client.getSpotRecentTrades(two),
    'klines?symbol=BTCUSDT&interval=1m&limit=2': client.getSpotKlines(minutes),
    'avgPrice?symbol=BTCUSDT': client.getSpotAveragePrice(one),
    'ticker/24hr?symbol=BTCUSDT': client.getSpot24hrTicker(one),
  };
  const results = await allOf(asked, async (response) => (await response).result);
  client.getWSClient().closeAll(true);
  return results;
};

/** It has no types. */
interface Connector {
  readonly WebsocketAPI: new (
    ...options: unknown[]
  ) => {
    tickerPrice(options: object): void;
    klines(symbol: string, interval: string, options: object): void;
    disconnect(): void;
  };
}

const askConnector = async (url: string): Promise<Results> => {
  const { WebsocketAPI } = require('@binance/connector') as Connector;
  const responses: { readonly result: unknown }[] = [];
  let isOpen = false;
  const callbacks = {
    open: () => {
      isOpen = true;
    },
    message: (text: string) => responses.push(JSON.parse(text)),
  };
  const logger = { info() {}, debug() {}, warn() {}, error() {}, log() {} };
  const client = new WebsocketAPI('none', 'none', { wsURL: `${url}/ws-api/v3`, logger, callbacks });
  await waitFor('a connection', () => isOpen);
  client.tickerPrice({ symbols: [symbol] });
  await waitFor('a price', () => responses.length === 1);
  client.klines(symbol, '1m', { limit: 2 });
  await waitFor('klines', () => responses.length === 2);
  client.disconnect();
  const [price, klines] = responses;
  return {
    'ticker/price?symbols=["BTCUSDT"]': price?.result,
    'klines?symbol=BTCUSDT&interval=1m&limit=2': klines?.result,
  };
};

const askCcxt = async (url: string): Promise<Results> => {
  const { default: ccxt } = await import('ccxt');
  const exchange = new ccxt.pro.binance({ options: { fetchMarkets: { types: ['spot'] } } });
  const { api } = exchange.urls as unknown as { api: { public: string; ws: Record<'ws-api', Record<string, string>> } };
  api.public = `${url.replace('ws', 'http')}/api/v3`;
  api.ws['ws-api']['spot'] = `${url}/ws-api/v3`;
  await exchange.loadHttpProxyAgent();
  const trades = await exchange.fetchTradesWs('BTC/USDT', undefined, 2);
  const candles = await exchange.fetchOHLCVWs('BTC/USDT', '1m', undefined, 2);
  await exchange.close();
  expect(candles.map(([start]) => start)).toEqual(
    ((await rest(url, 'klines?symbol=BTCUSDT&interval=1m&limit=2')) as unknown[][]).map(([start]) => start),
  );
  return { 'trades?symbol=BTCUSDT&limit=2': trades.map(({ info }) => info) };
};

const allOf = async <T>(
  asked: Readonly<Record<string, T>>,
  resultOf: (asked: T) => Promise<unknown>,
): Promise<Results> => {
  const entries = Object.entries(asked).map(async ([path, response]) => [path, await resultOf(response)] as const);
  return Object.fromEntries(await Promise.all(entries));
};

const rest = async (url: string, path: string): Promise<unknown> =>
  (await fetch(`${url.replace('ws', 'http')}/api/v3/${path}`)).json();

/** Each answer has the time at which it was made. */
const timeless = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'serverTime' in body ? { ...body, serverTime: 0 } : body;

describe('clients of the WebSocket API of Binance, unchanged', () => {
  let served: MemoryGateway;
  beforeAll(async () => {
    served = await startMemoryGateway({ symbols: ['BTC-USDT', 'ETH-USDT'] });
    const header = { venue: 'sim', symbol: 'BTC-USDT', ts: 1_700_000_460_000, rts: 1 };
    const quote = { last: '61234.50', bid: '61234.40', bidSize: '1', ask: '61234.60', askSize: '2' };
    await served.publish('ticker.sim.BTC-USDT', { type: 'price.ticker', ...header, ...quote });
    for (let id = 1; id <= 4; id += 1) {
      await served.publish('trade.sim.BTC-USDT', { ...header, id: String(id), price: '1.5', size: '2', side: 'buy' });
      const prices = { open: '1', high: '9', low: '0.5', close: '2', volume: '2', quoteVolume: '3', trades: 4 };
      const start = 1_700_000_040_000 + id * 60_000;
      const bar = { type: 'price.bar', interval: '1m', start, closed: true, ...prices };
      await served.publish('bar-1m.sim.BTC-USDT', { ...header, ...bar });
    }
  });
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]();
  });

  it.each([
    ['@binance/spot', 'all calls of market data equal REST; orders are rejected', askSpot],
    ['binance', 'book, trades, klines, average and ticker equal REST', askBinance],
    ['@binance/connector', 'prices and klines equal REST', askConnector],
    ['ccxt', 'fetchTradesWs and fetchOHLCVWs equal REST', askCcxt],
  ] as const)('[G270] %s: %s', async (name, checked, ask) => {
    await prove({ protocol, client: `${name} (Node)`, version: pinnedVersion(name), checked }, async () => {
      const url = served.url.replace('http', 'ws');
      const results = await ask(url);
      expect(Object.values(results).filter((result) => Array.isArray(result) && result.length === 0)).toEqual([]);
      for (const [path, result] of Object.entries(results)) {
        expect({ path, result: timeless(result) }).toEqual({ path, result: timeless(await rest(url, path)) });
      }
    });
  });
});
