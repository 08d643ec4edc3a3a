import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';

const header = { venue: 'sim', ts: 1_700_000_000_000, rts: 1_700_000_000_001 };
const minute = 60_000;
const first = 1_700_000_040_000;

describe("Binance's REST", () => {
  let served: MemoryGateway;
  let isBroken = false;
  beforeEach(async () => {
    served = await startMemoryGateway({
      onRead: () => {
        if (isBroken) throw new Error('Redis is out of reach');
      },
    });
  });
  afterEach(async () => {
    isBroken = false;
    await served[Symbol.asyncDispose]();
  });

  const get = async (path: string): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${served.url}/api/v3/${path}`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    return { status: response.status, body: await response.json() };
  };
  const bodyOf = async (path: string): Promise<unknown> => {
    const { status, body } = await get(path);
    expect(status).toBe(200);
    return body;
  };
  const ticker = (symbol: string, fields: Readonly<Record<string, unknown>>): Promise<number> =>
    served.publish(`ticker.sim.${symbol}`, { type: 'price.ticker', ...header, symbol, ...fields });
  const trade = (id: number): Promise<number> =>
    served.publish('trade.sim.BTC-USD', {
      ...{ type: 'price.trade', ...header, id: String(id), price: '61234.50', size: '0.0300', side: 'sell' },
    });
  const bar = (at: number, close: string, closed: boolean): Promise<number> =>
    served.publish('bar-1m.sim.BTC-USD', {
      ...{ type: 'price.bar', ...header, interval: '1m', start: first + at * minute, open: '1', high: '9', low: '0.5' },
      ...{ close, volume: '2', quoteVolume: '3', trades: 4, closed },
    });

  it('[G44] ping, time, exchangeInfo', async () => {
    expect(await bodyOf('ping')).toEqual({});
    const { serverTime } = (await bodyOf('time')) as { serverTime: number };
    expect(Math.abs(Date.now() - serverTime)).toBeLessThan(10_000);
    const info = (await bodyOf('exchangeInfo')) as { symbols: Record<string, unknown>[] };
    expect(
      info.symbols.map(({ symbol, baseAsset, quoteAsset, status }) => [symbol, baseAsset, quoteAsset, status]),
    ).toEqual([
      ['BTCUSD', 'BTC', 'USD', 'TRADING'],
      ['ETHUSD', 'ETH', 'USD', 'TRADING'],
    ]);
    expect(await bodyOf('exchangeInfo?symbol=ETHUSD')).toMatchObject({ symbols: [{ symbol: 'ETHUSD' }] });
    expect(await bodyOf(`exchangeInfo?symbols=${encodeURIComponent('["ETHUSD","BTCUSD"]')}`)).toMatchObject({
      symbols: [{ symbol: 'ETHUSD' }, { symbol: 'BTCUSD' }],
    });
  });

  it('[G44] tickers: one as an object, several as an array without those that have no price yet', async () => {
    await ticker('BTC-USD', { last: '1' });
    await ticker('BTC-USD', { last: '61234.50', bid: '61234.40', ask: '61234.60', bidSize: '1', open24h: '60000.00' });
    expect(await bodyOf('ticker/price?symbol=BTCUSD')).toEqual({ symbol: 'BTCUSD', price: '61234.50' });
    expect(await bodyOf('ticker/price')).toEqual([{ symbol: 'BTCUSD', price: '61234.50' }]);
    await ticker('ETH-USD', { last: '2680.10' });
    expect(await bodyOf('ticker/price')).toMatchObject([{ symbol: 'BTCUSD' }, { symbol: 'ETHUSD', price: '2680.10' }]);
    expect(await bodyOf('ticker/24hr?symbol=BTCUSD')).toMatchObject({
      ...{ symbol: 'BTCUSD', lastPrice: '61234.50', openPrice: '60000.00', bidPrice: '61234.40', askPrice: '61234.60' },
      ...{ closeTime: header.ts, openTime: header.ts - 86_400_000, volume: '0', count: 0 },
    });
    expect(await bodyOf('ticker/24hr?symbol=BTCUSD&type=MINI')).not.toHaveProperty('bidPrice');
    expect(await bodyOf('ticker/bookTicker?symbol=BTCUSD')).toEqual({
      ...{ symbol: 'BTCUSD', bidPrice: '61234.40', bidQty: '1', askPrice: '61234.60', askQty: '0' },
    });
  });

  it('[G44] trades, the newest last, with the exact product of price and size', async () => {
    for (let id = 1; id <= 5; id += 1) await trade(id);
    await served.publish('trade.sim.BTC-USD', { type: 'price.trade', price: 'poison' });
    expect(await bodyOf('trades?symbol=BTCUSD&limit=3')).toEqual(
      [4, 5].map((id) => ({
        ...{ id, price: '61234.50', qty: '0.0300', quoteQty: '1837.035', time: header.ts },
        ...{ isBuyerMaker: true, isBestMatch: true },
      })),
    );
    expect(await bodyOf('aggTrades?symbol=BTCUSD&limit=2')).toEqual([
      { a: 5, p: '61234.50', q: '0.0300', f: 5, l: 5, T: header.ts, m: true, M: true },
    ]);
  });

  it('[G44] klines: one a bar, its last state, oldest first', async () => {
    for (let at = 0; at < 5; at += 1) {
      await bar(at, '1', false);
      await bar(at, String(at + 2), at < 4);
    }
    const kline = (at: number): unknown[] => [
      ...[
        first + at * minute,
        '1',
        '9',
        '0.5',
        String(at + 2),
        '2',
        first + (at + 1) * minute - 1,
        '3',
        4,
        '0',
        '0',
        '0',
      ],
    ];
    expect(await bodyOf('klines?symbol=BTCUSD&interval=1m')).toEqual([0, 1, 2, 3, 4].map(kline));
    expect(await bodyOf('klines?symbol=BTCUSD&interval=1m&limit=2')).toEqual([3, 4].map(kline));
    const from = `startTime=${first + minute}`;
    expect(await bodyOf(`klines?symbol=BTCUSD&interval=1m&${from}&limit=2`)).toEqual([1, 2].map(kline));
    expect(await bodyOf(`klines?symbol=BTCUSD&interval=1m&${from}&endTime=${first + 2 * minute}`)).toEqual(
      [1, 2].map(kline),
    );
    expect(await bodyOf('klines?symbol=BTCUSD&interval=1s')).toEqual([]);
  });

  it('[G152] klines ascend by open time, whatever the order in which bars were published', async () => {
    await bar(0, '1', true);
    await bar(2, '3', false);
    await bar(1, '2', true);
    await bar(3, '4', false);
    await bar(2, '3', true);
    const starts = ((await bodyOf('klines?symbol=BTCUSD&interval=1m')) as number[][]).map(([start]) => start);
    expect(starts).toEqual([0, 1, 2, 3].map((at) => first + at * minute));
  });

  it.each(['/api/v3/nothing', '/api/v3/account', '/api/v1/nothing', '/sapi/v1/asset/query'])(
    '[G153] %s is not there, in the words of Binance',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const response = await fetch(`${served.url}${path}`, { method });
        expect(response.status).toBe(404);
        expect(await response.json()).toEqual({ code: -1020, msg: 'This operation is not supported.' });
      }
    },
  );

  it('[G154] a page of another origin reads what is public; with CORS_ORIGINS only those do', async () => {
    const allowed = async (path: string): Promise<string | null> =>
      (await fetch(served.url + path, { headers: { Origin: 'https://charts.example' } })).headers.get(
        'access-control-allow-origin',
      );
    expect(await allowed('/api/v3/ping')).toBe('*');
    expect(await allowed('/api/v1/ping')).toBe('*');
    expect(await allowed('/api/symbols')).toBeNull();
    await served[Symbol.asyncDispose]();
    served = await startMemoryGateway({ env: { CORS_ORIGINS: 'https://other.example' } });
    expect(await allowed('/api/v3/ping')).toBeNull();
    await served[Symbol.asyncDispose]();
    served = await startMemoryGateway({ env: { AUTH: 'jwt', AUTH_JWT_SECRET: 'x'.repeat(64) } });
    expect(await allowed('/api/v3/ping')).toBeNull();
  });

  it('[G44] klines reach as far back as history', async () => {
    for (let at = 0; at < 600; at += 1) for (const closed of [false, false, true]) await bar(at, '1', closed);
    expect(await bodyOf('klines?symbol=BTCUSD&interval=1m&limit=600')).toMatchObject({ length: 600 });
    expect(await bodyOf('klines?symbol=BTCUSD&interval=1m')).toMatchObject({ length: 500 });
  });

  it.each([
    ['ticker/price?symbol=NOPE', -1121, 'Invalid symbol.'],
    ['ticker/price?symbol=btcusd', -1121, 'Invalid symbol.'],
    ['ticker/price?symbol=ETHUSD', -1121, 'Invalid symbol.'],
    ['ticker/price?symbol=BTCUSD&symbols=%5B%5D', -1128, 'Combination of optional parameters invalid.'],
    [
      'ticker/price?symbols=BTCUSD',
      -1100,
      "Illegal characters found in parameter 'symbols'; legal range is '^[0-9]{1,20}$'.",
    ],
    ['trades', -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."],
    ['klines?symbol=BTCUSD', -1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed."],
    ['klines?symbol=BTCUSD&interval=5m', -1120, 'Invalid interval.'],
    [
      'trades?symbol=BTCUSD&limit=x',
      -1100,
      "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.",
    ],
    [
      'trades?symbol=BTCUSD&limit=0',
      -1100,
      "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.",
    ],
  ])('[G44] %s is refused with %d', async (path, code, msg) => {
    expect(await get(path)).toEqual({ status: 400, body: { code, msg } });
  });

  it('[G44] history out of reach is 503: the same request may succeed later', async () => {
    isBroken = true;
    expect(await get('trades?symbol=BTCUSD')).toMatchObject({ status: 503, body: { code: -1001 } });
    isBroken = false;
    expect(await bodyOf('trades?symbol=BTCUSD')).toEqual([]);
  });
});
