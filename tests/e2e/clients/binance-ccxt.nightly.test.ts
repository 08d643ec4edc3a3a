import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { proveClient, type SeeingClient } from '../../support/binance-proof.js';
import { type BinanceRig, startBinanceRig } from '../../support/binance-rig.js';
import { pinnedVersion, prove } from '../../support/compatibility.js';

/** Far more than its types say: `urls` and `options` are theirs to have anything. */
interface Exchange {
  readonly urls: { api: { ws: Record<string, string>; public: string } };
  readonly options: Record<string, unknown>;
  loadHttpProxyAgent(): Promise<unknown>;
  loadMarkets(): Promise<unknown>;
  watchTrades(symbol: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  watchTicker(symbol: string): Promise<Readonly<Record<string, unknown>>>;
  watchOHLCV(symbol: string, timeframe: string): Promise<readonly (readonly unknown[])[]>;
  watchOrderBook(symbol: string): Promise<Book>;
  fetchOrderBook(symbol: string): Promise<Book>;
  fetchOHLCV(symbol: string, timeframe: string): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

type Book = Readonly<Record<'bids' | 'asks', readonly (readonly unknown[])[]>>;

interface Library {
  readonly default: { readonly pro: { readonly binance: new (options: object) => Exchange } };
}

const symbol = 'BTC/USDT';

const openExchange = async (url: string): Promise<Exchange> => {
  const { default: ccxt } = (await import('ccxt')) as unknown as Library;
  const exchange = new ccxt.pro.binance({ number: String, newUpdates: true });
  exchange.urls.api.ws['spot'] = `${url.replace('http', 'ws')}/ws`;
  exchange.urls.api.public = `${url}/api/v3`;
  exchange.options['fetchMarkets'] = { types: ['spot'] };
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  return exchange;
};

const openCcxt = async (url: string): Promise<SeeingClient> => {
  const exchange = await openExchange(url);
  const trades: SeeingClient['trades'][number][] = [];
  const tickers: SeeingClient['tickers'][number][] = [];
  const bars: SeeingClient['bars'][number][] = [];
  let isClosed = false;
  /** As its manual has it: an error ends the call, and the next call connects again. */
  const watch = async (next: () => Promise<void>): Promise<void> => {
    while (!isClosed) {
      try {
        await next();
      } catch (error) {
        if (!/NetworkError|RequestTimeout|ExchangeClosedByUser/.test((error as Error).name)) throw error;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  const watching = Promise.all([
    watch(async () => {
      for (const { id, price, amount, timestamp, side } of await exchange.watchTrades(symbol)) {
        const seen = { id: String(id), price: String(price), size: String(amount), ts: Number(timestamp) };
        trades.push({ ...seen, side: String(side) });
      }
    }),
    watch(async () => {
      const { timestamp, last, open, high, low, baseVolume } = await exchange.watchTicker(symbol);
      const day = { open24h: String(open), high24h: String(high), low24h: String(low), volume24h: String(baseVolume) };
      tickers.push({ pts: Number(timestamp), last: String(last), ...day });
    }),
    watch(async () => {
      const [start, open, high, low, close, volume] = (await exchange.watchOHLCV(symbol, '1m')).at(-1) ?? [];
      const prices = { open: String(open), high: String(high), low: String(low), close: String(close) };
      bars.push({ start: Number(start), ...prices, volume: String(volume) });
    }),
  ]);
  return {
    trades,
    tickers,
    bars,
    barInterval: '1m',
    hasNumbers: true,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await exchange.close();
      await watching;
    },
  };
};

describe('ccxt, unchanged, and a gateway that is killed', () => {
  let rig: BinanceRig;
  beforeAll(async () => {
    rig = await startBinanceRig();
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
  });

  it('[G45] ccxt.pro.binance: loadMarkets, watchTrades, watchTicker, watchOHLCV', async () => {
    const checked =
      'loadMarkets by REST; watchTrades, watchTicker, watchOHLCV equal what was published; gateway killed, back on another by calling again';
    const about = {
      protocol: 'Binance market streams',
      client: 'ccxt.pro.binance (Node)',
      version: pinnedVersion('ccxt'),
      checked,
    };
    await prove(about, async () => {
      await using client = await openCcxt(rig.url);
      await proveClient(rig, client);
    });
  });

  it('[G167] ccxt.pro.binance: order books, and candles of 5 minutes and a day', async () => {
    const exchange = await openExchange(rig.url);
    try {
      for (const book of [await exchange.fetchOrderBook(symbol), await exchange.watchOrderBook(symbol)]) {
        expect([book.bids.length, book.asks.length]).toEqual([1, 1]);
      }
      for (const timeframe of ['5m', '1d']) {
        expect((await exchange.fetchOHLCV(symbol, timeframe)).length).toBeGreaterThan(0);
        expect((await exchange.watchOHLCV(symbol, timeframe)).length).toBeGreaterThan(0);
      }
    } finally {
      await exchange.close();
    }
  });
});
