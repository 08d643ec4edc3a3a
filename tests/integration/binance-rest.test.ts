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
      type: 'price.trade',
      ...header,
      id: String(id),
      price: '61234.50',
      size: '0.0300',
      side: 'sell',
    });
  const bar = (at: number, close: string, closed: boolean): Promise<number> =>
    served.publish('bar-1m.sim.BTC-USD', {
      type: 'price.bar',
      ...header,
      interval: '1m',
      start: first + at * minute,
      open: '1',
      high: '9',
      low: '0.5',
      close,
      volume: '2',
      quoteVolume: '3',
      trades: 4,
      closed,
    });

  it.each(['MICROSECOND', 'microsecond'])(
    '[G276] X-MBX-TIME-UNIT: %s gives all times in microseconds',
    async (unit) => {
      await ticker('BTC-USD', { last: '1' });
      await trade(1);
      for (let at = 0; at < 3; at += 1) await bar(at, '2', true);
      const answers = async (path: string): Promise<[string, string]> => {
        const texts = [{}, { 'X-MBX-TIME-UNIT': unit }].map(async (headers) =>
          (await fetch(`${served.url}/api/v3/${path}`, { headers })).text(),
        );
        return Promise.all(texts) as Promise<[string, string]>;
      };
      // Every number of 13 digits is a time; those of 16 are what it becomes, up to the last microsecond of a kline.
      const inMicro = (text: string): string =>
        text.replace(/(?<![\d."])(\d{13})(?!\d)/g, (time) => (time.endsWith('999') ? `${time}999` : `${time}000`));
      for (const path of [
        'klines?symbol=BTCUSD&interval=1m',
        'trades?symbol=BTCUSD',
        'aggTrades?symbol=BTCUSD',
        'avgPrice?symbol=BTCUSD',
        'ticker?symbol=BTCUSD&windowSize=2m',
        'ticker/24hr?symbol=BTCUSD',
        'ticker/tradingDay?symbol=BTCUSD',
      ]) {
        const [milli, micro] = await answers(path);
        expect(milli).toMatch(/\d{13}/);
        expect({ path, micro }).toEqual({ path, micro: inMicro(milli) });
      }
      const serverTimes = await Promise.all(['time', 'exchangeInfo?symbol=BTCUSD'].map(answers));
      for (const [, micro] of serverTimes) expect(micro).toMatch(/"serverTime":\d{16}\b/);
    },
  );

  it('[G276] startTime and endTime may be in microseconds, and another unit is rejected', async () => {
    for (let at = 0; at < 4; at += 1) await bar(at, '2', true);
    const [from, to] = [first + minute, first + 2 * minute];
    const rows = await bodyOf(`klines?symbol=BTCUSD&interval=1m&startTime=${from}&endTime=${to}`);
    expect(rows).toHaveLength(2);
    expect(await bodyOf(`klines?symbol=BTCUSD&interval=1m&startTime=${from}000&endTime=${to}999`)).toEqual(rows);
    const response = await fetch(`${served.url}/api/v3/time`, { headers: { 'X-MBX-TIME-UNIT': 'NANOSECOND' } });
    const msg = 'Invalid value for time unit; expected either MICROSECOND or MILLISECOND.';
    expect([response.status, await response.json()]).toEqual([400, { code: -1194, msg }]);
  });

  it('[G277] answers say how much weight was used, for clients that pace themselves by it', async () => {
    for (const path of ['ping', 'exchangeInfo']) {
      const { headers } = await fetch(`${served.url}/api/v3/${path}`);
      expect([headers.get('x-mbx-used-weight'), headers.get('x-mbx-used-weight-1m')]).toEqual(['0', '0']);
    }
  });

  it('[G44] ping, time, exchangeInfo', async () => {
    expect(await bodyOf('ping')).toEqual({});
    const { serverTime } = (await bodyOf('time')) as { serverTime: number };
    expect(Math.abs(Date.now() - serverTime)).toBeLessThan(10_000);
    const info = (await bodyOf('exchangeInfo')) as { rateLimits: object[]; symbols: Record<string, unknown>[] };
    // Some clients pace themselves by it, and fail without.
    expect(info.rateLimits).toContainEqual(expect.objectContaining({ rateLimitType: 'REQUEST_WEIGHT', limit: 6_000 }));
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
      symbol: 'BTCUSD',
      lastPrice: '61234.50',
      openPrice: '60000.00',
      bidPrice: '61234.40',
      askPrice: '61234.60',
      closeTime: header.ts,
      openTime: header.ts - 86_400_000,
      volume: '0',
      count: 0,
    });
    expect(await bodyOf('ticker/24hr?symbol=BTCUSD&type=MINI')).not.toHaveProperty('bidPrice');
    expect(await bodyOf('ticker/bookTicker?symbol=BTCUSD')).toEqual({
      symbol: 'BTCUSD',
      bidPrice: '61234.40',
      bidQty: '1',
      askPrice: '61234.60',
      askQty: '0',
    });
  });

  it('[G44] trades, the newest last, with the exact product of price and size', async () => {
    for (let id = 1; id <= 5; id += 1) await trade(id);
    await served.publish('trade.sim.BTC-USD', { type: 'price.trade', price: 'poison' });
    expect(await bodyOf('trades?symbol=BTCUSD&limit=3')).toEqual(
      [3, 4, 5].map((id) => ({
        id,
        price: '61234.50',
        qty: '0.0300',
        quoteQty: '1837.035',
        time: header.ts,
        isBuyerMaker: true,
        isBestMatch: true,
      })),
    );
    expect(await bodyOf('aggTrades?symbol=BTCUSD&limit=1')).toEqual([
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
        '1',
        '1.5',
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
    const asked = { Origin: 'https://charts.example', 'Access-Control-Request-Method': 'GET' };
    const { headers } = await fetch(`${served.url}/api/v3/ping`, { method: 'OPTIONS', headers: asked });
    expect(headers.get('access-control-allow-headers')).toMatch(/X-MBX-APIKEY, X-MBX-TIME-UNIT/);
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

  it('[G162] klines of every period, zones too, and what is not closed yet from shorter bars', async () => {
    const day = 86_400_000;
    const start = Math.floor(first / day) * day;
    for (let at = 0; at < 400; at += 1) {
      await served.publish('bar-1m.sim.BTC-USD', {
        type: 'price.bar',
        ...header,
        ts: start + at * minute,
        interval: '1m',
        start: start + at * minute,
        open: '1',
        high: String(at + 1),
        low: '1',
        close: '2',
        volume: '0.1',
        quoteVolume: '0.2',
        trades: 1,
        closed: true,
        takerBuyVolume: '0.1',
        takerBuyQuoteVolume: '0.2',
      });
    }
    const second = start + 400 * minute;
    await served.publish('bar-1s.sim.BTC-USD', {
      type: 'price.bar',
      ...header,
      ts: second,
      interval: '1s',
      start: second,
      open: '2',
      high: '2',
      low: '0.5',
      close: '0.7',
      volume: '1',
      quoteVolume: '1',
      trades: 1,
      closed: true,
    });
    const rows = async (query: string): Promise<unknown[][]> =>
      (await bodyOf(`klines?symbol=BTCUSD&${query}`)) as unknown[][];
    const periods = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d', '3d', '1w', '1M'];
    for (const interval of periods) {
      const all = await rows(`interval=${interval}&limit=1000`);
      expect([interval, all.at(-1)?.slice(3, 5)]).toEqual([interval, ['0.5', '0.7']]);
      for (const [index, row] of all.entries()) {
        const before = all[index - 1];
        if (before) expect([interval, Number(row[0])]).toEqual([interval, Number(before[6]) + 1]);
      }
    }
    expect(await rows('interval=1h&limit=3')).toMatchObject([
      [start + 240 * minute, '1', '300', '1', '2', '6', start + 300 * minute - 1, '12', 60, '6', '12', '0'],
      [start + 300 * minute, '1', '360', '1', '2', '6', start + 360 * minute - 1, '12', 60, '6', '12', '0'],
      [start + 360 * minute, '1', '400', '0.5', '0.7', '5', start + 420 * minute - 1, '9', 41, '2.5', '4.5', '0'],
    ]);
    const starts = async (query: string): Promise<unknown[]> =>
      (await rows(query)).map(([openTime]) => (Number(openTime) - start) / minute);
    expect(await starts(`interval=2h&startTime=${start + 1}&limit=2`)).toEqual([120, 240]);
    expect(await starts(`interval=1h&endTime=${start + 120 * minute}&limit=2`)).toEqual([60, 120]);
    // That of yesterday is left out: history does not hold its beginning.
    expect(await starts('interval=4h&timeZone=-2')).toEqual([120, 360]);
    expect(await rows('interval=1d&timeZone=%2B05:45')).toMatchObject([{ 0: start - 345 * minute, 2: '400' }]);
    expect(await bodyOf('uiKlines?symbol=BTCUSD&interval=1h&limit=1')).toEqual(await rows('interval=1h&limit=1'));
    const v1 = await (await fetch(`${served.url}/api/v1/klines?symbol=BTCUSD&interval=1h&limit=1`)).json();
    expect(v1).toEqual(await rows('interval=1h&limit=1'));
  });

  it('[G163] average price, rolling windows, the best of the book', async () => {
    expect(await get('avgPrice?symbol=BTCUSD')).toMatchObject({ status: 400, body: { code: -1121 } });
    expect(await bodyOf('depth?symbol=BTCUSD&limit=5000')).toEqual({ lastUpdateId: 0, bids: [], asks: [] });
    for (let at = 0; at < 6; at += 1) await bar(at, '2', true);
    await ticker('BTC-USD', { last: '7', open24h: '5', bid: '6.90', bidSize: '1.0', ask: '7.10' });
    expect(await bodyOf('avgPrice?symbol=BTCUSD')).toEqual({ mins: 5, price: '1.50000000', closeTime: header.ts });
    // Nobody knows the size of the ask.
    expect(await bodyOf('depth?symbol=BTCUSD')).toEqual({ lastUpdateId: 101, bids: [['6.90', '1.0']], asks: [] });
    expect(await bodyOf('ticker?symbol=BTCUSD&windowSize=3m')).toMatchObject({
      symbol: 'BTCUSD',
      priceChange: '1',
      priceChangePercent: '100.000',
      weightedAvgPrice: '1.50000000',
      openPrice: '1',
      highPrice: '9',
      lowPrice: '0.5',
      lastPrice: '2',
      volume: '6',
      quoteVolume: '9',
      count: 12,
      openTime: first + 3 * minute,
      firstId: 0,
      lastId: 0,
    });
    const day = { openPrice: '5', lastPrice: '7', priceChange: '2', priceChangePercent: '40.000' };
    expect(await bodyOf('ticker?symbols=%5B%22BTCUSD%22%5D')).toMatchObject([day]);
    const long = { openPrice: '1', lastPrice: '2', volume: '12', openTime: first };
    expect(await bodyOf('ticker?symbol=BTCUSD&windowSize=7d')).toMatchObject(long);
    const mini = (await bodyOf('ticker?symbol=BTCUSD&type=MINI')) as object;
    expect('priceChange' in mini).toBe(false);
    expect(await bodyOf('ticker/24hr?symbolStatus=BREAK')).toEqual([]);
  });

  it('[G241] the trading day, from midnight in a time zone on, and the state of the system', async () => {
    const day = 1_699_920_000_000;
    const hour = 60 * minute;
    expect(await get('ticker/tradingDay?symbol=BTCUSD')).toMatchObject({ status: 400, body: { code: -1121 } });
    for (const [index, at] of [day - 2 * hour, day - minute, day, day + hour].entries()) {
      await bar((at - first) / minute, String(index + 1), true);
    }
    const body = await bodyOf('ticker/tradingDay?symbol=BTCUSD');
    expect(body).toEqual({
      symbol: 'BTCUSD',
      priceChange: '3',
      priceChangePercent: '300.000',
      weightedAvgPrice: '1.50000000',
      openPrice: '1',
      highPrice: '9',
      lowPrice: '0.5',
      lastPrice: '4',
      volume: '4',
      quoteVolume: '6',
      openTime: day,
      closeTime: day + 24 * hour - 1,
      firstId: 0,
      lastId: 0,
      count: 8,
    });
    expect(await bodyOf(`ticker/tradingDay?symbols=${encodeURIComponent('["BTCUSD"]')}&timeZone=1&type=MINI`)).toEqual([
      expect.objectContaining({ openTime: day - hour, closeTime: day + 23 * hour - 1, volume: '6', count: 12 }),
    ]);
    const status = await fetch(`${served.url}/sapi/v1/system/status`);
    expect(await status.json()).toEqual({ status: 0, msg: 'normal' });
  });

  it('[G164] trades from an id or a time on, as far back as history reaches', async () => {
    const ids = async (path: string): Promise<unknown[]> =>
      ((await bodyOf(path)) as { id?: number; a?: number }[]).map(({ id, a }) => id ?? a);
    for (let id = 1; id <= 700; id += 1) {
      await served.publish('trade.sim.BTC-USD', {
        type: 'price.trade',
        ...header,
        ts: header.ts + id * 10,
        id: String(id + 5_000),
        price: '61234.50',
        size: '0.0300',
        side: 'sell',
      });
    }
    const at = (id: number): number => header.ts + (id - 5_000) * 10;
    for (const path of ['trades', 'historicalTrades', 'aggTrades']) {
      const all = `${path}?symbol=BTCUSD`;
      expect(await ids(`${all}&fromId=5100&limit=3`)).toEqual([5_100, 5_101, 5_102]);
      expect(await ids(`${all}&fromId=1&limit=2`)).toEqual([5_001, 5_002]);
      expect(await ids(`${all}&fromId=5699`)).toEqual([5_699, 5_700]);
      expect(await ids(`${all}&fromId=6000`)).toEqual([]);
      expect(await ids(`${all}&startTime=${at(5_600)}&endTime=${at(5_603)}`)).toEqual([5_600, 5_601, 5_602, 5_603]);
      expect(await ids(`${all}&endTime=${at(5_010)}&limit=2`)).toEqual([5_009, 5_010]);
      expect(await ids(`${all}&startTime=${at(5_300)}&limit=2`)).toEqual([5_300, 5_301]);
      expect(await get(`${all}&fromId=1&startTime=1`)).toMatchObject({ body: { code: -1128 } });
    }
  });

  it('[G165] fees of nothing, for clients that read them before they load symbols', async () => {
    const response = await fetch(`${served.url}/sapi/v1/asset/tradeFee?timestamp=1&recvWindow=5000&signature=x`);
    expect(await response.json()).toEqual(
      ['BTCUSD', 'ETHUSD'].map((symbol) => ({ symbol, makerCommission: '0', takerCommission: '0' })),
    );
    await served[Symbol.asyncDispose]();
    served = await startMemoryGateway({ env: { AUTH: 'jwt', AUTH_JWT_SECRET: 'x'.repeat(64) } });
    const refused = await fetch(`${served.url}/sapi/v1/asset/tradeFee`);
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: -2015 }]);
  });

  it.each([
    ['trades?symbol=BTCUSD&page=2', -1104],
    ['ping?x=1', -1104],
    ['depth?symbol=BTCUSD&limit=5&levels=5', -1104],
    ['klines?symbol=BTCUSD&interval=1m&limit=', -1105],
    ['klines?symbol=BTCUSD&interval=1m&limit=1&limit=2', -1101],
    ['klines?symbol=BTCUSD&interval=1m&timeZone=15', -1130],
    ['klines?symbol=BTCUSD&interval=1m&timeZone=here', -1130],
    ['ticker?symbol=BTCUSD&windowSize=60m', -1130],
    ['ticker', -1102],
    ['ticker/tradingDay?symbol=BTCUSD&windowSize=1h', -1104],
    ['ticker/tradingDay?symbol=BTCUSD&timeZone=15', -1130],
    ['ticker/24hr?type=SMALL', -1139],
    ['ticker/24hr?symbol=BTCUSD&symbolStatus=HALT', -1220],
    ['ticker/price?symbolStatus=OPEN', -1130],
    ['exchangeInfo?permissions=SPOT&symbol=BTCUSD', -1128],
    ['exchangeInfo?symbolStatus=TRADING&symbol=BTCUSD', -1128],
    ['exchangeInfo?showPermissionSets=1', -1130],
    ['aggTrades?symbol=BTCUSD&fromId=-1', -1100],
  ])('[G166] no parameter is ignored: %s is rejected with %d', async (path, code) => {
    expect(await get(path)).toMatchObject({ status: 400, body: { code, msg: expect.any(String) } });
  });

  it('[G166] what symbols are asked for by, besides their name', async () => {
    const symbolsOf = async (query: string): Promise<unknown[]> =>
      ((await bodyOf(`exchangeInfo?${query}`)) as { symbols: unknown[] }).symbols;
    expect(await symbolsOf('permissions=SPOT')).toHaveLength(2);
    expect(await symbolsOf('permissions=%5B%22MARGIN%22,%22SPOT%22%5D')).toHaveLength(2);
    expect(await symbolsOf('permissions=MARGIN')).toHaveLength(0);
    expect(await symbolsOf('symbolStatus=HALT')).toHaveLength(0);
    expect((await symbolsOf('showPermissionSets=false'))[0]).not.toHaveProperty('permissionSets');
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
    ['klines?symbol=BTCUSD&interval=7m', -1120, 'Invalid interval.'],
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
