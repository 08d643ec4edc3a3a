import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type MemoryGateway, refusals, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { makeToken } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';

const header = { venue: 'sim', ts: 1_700_000_000_000, rts: 1_700_000_000_001 };
const minute = 60_000;
const path = '/ws-api/v3';
const limitsOf = (count: number) => [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000, count },
];

describe("Binance's WebSocket API", () => {
  let served: MemoryGateway;
  let onRead: () => void | Promise<void> = () => {};

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
    await served?.[Symbol.asyncDispose]();
    served = await startMemoryGateway({ env, onRead: () => onRead() });
  };
  beforeEach(() => start());
  afterEach(async () => {
    onRead = () => {};
    await served[Symbol.asyncDispose]();
  });

  const connect = (query = ''): Promise<PlainClient> => connectPlain(`${served.url}${path}${query}`);

  let lastId = 0;
  const ask = async (
    client: PlainClient,
    method: string,
    params?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> => {
    lastId += 1;
    const asked = lastId;
    client.socket.send(JSON.stringify({ id: asked, method, ...(params && { params }) }));
    return client.until(`an answer to ${method}`, ({ id }) => id === asked);
  };

  const publishAll = async (): Promise<void> => {
    for (const symbol of ['BTC-USD', 'ETH-USD']) {
      const quote = { bid: '61234.40', ask: '61234.60', bidSize: '1', askSize: '2', open24h: '60000.00' };
      await served.publish(`ticker.sim.${symbol}`, { type: 'price.ticker', ...header, symbol, last: '5.10', ...quote });
    }
    for (let id = 1; id <= 5; id += 1) {
      const trade = { id: String(id), price: '61234.50', size: '0.0300', side: 'sell' };
      await served.publish('trade.sim.BTC-USD', { type: 'price.trade', ...header, ...trade });
    }
    for (let at = 0; at < 7; at += 1) {
      const prices = { open: '1', high: '9', low: '0.5', close: '2', volume: '2', quoteVolume: '3', trades: 4 };
      const start = 1_700_000_040_000 + at * minute;
      const bar = { interval: '1m', start, closed: true, ...prices };
      await served.publish('bar-1m.sim.BTC-USD', { type: 'price.bar', ...header, ...bar });
    }
  };

  const symbol = 'BTCUSD';
  const both = ['BTCUSD', 'ETHUSD'];
  const listed = encodeURIComponent(JSON.stringify(both));
  it.each([
    ['ping', undefined, 'ping'],
    ['v3/ping', {}, 'ping'],
    ['exchangeInfo', { symbols: both }, `exchangeInfo?symbols=${listed}`],
    ['exchangeInfo', { permissions: ['SPOT'], showPermissionSets: false }, 'exchangeInfo?showPermissionSets=false'],
    ['depth', { symbol, limit: 5 }, 'depth?symbol=BTCUSD&limit=5'],
    ['trades.recent', { symbol, limit: 3 }, 'trades?symbol=BTCUSD&limit=3'],
    ['trades.historical', { symbol, fromId: 2, limit: 2 }, 'historicalTrades?symbol=BTCUSD&fromId=2&limit=2'],
    ['trades.aggregate', { symbol, fromId: 3 }, 'aggTrades?symbol=BTCUSD&fromId=3'],
    ['klines', { symbol, interval: '1m', limit: 2 }, 'klines?symbol=BTCUSD&interval=1m&limit=2'],
    ['klines', { symbol, interval: '5m', timeZone: '1:00' }, 'klines?symbol=BTCUSD&interval=5m&timeZone=1:00'],
    ['uiKlines', { symbol, interval: '1m' }, 'uiKlines?symbol=BTCUSD&interval=1m'],
    ['avgPrice', { symbol }, 'avgPrice?symbol=BTCUSD'],
    ['ticker', { symbol, windowSize: '5m' }, 'ticker?symbol=BTCUSD&windowSize=5m'],
    ['ticker.24hr', { symbols: both, type: 'MINI' }, `ticker/24hr?symbols=${listed}&type=MINI`],
    ['ticker.tradingDay', { symbol }, 'ticker/tradingDay?symbol=BTCUSD'],
    ['ticker.price', {}, 'ticker/price'],
    ['ticker.book', { symbol, apiKey: 'any' }, 'ticker/bookTicker?symbol=BTCUSD'],
    ['klines', { symbol }, 'klines?symbol=BTCUSD'],
    ['klines', { symbol, interval: '7m' }, 'klines?symbol=BTCUSD&interval=7m'],
    ['trades.recent', { symbol: 'NONE' }, 'trades?symbol=NONE'],
    ['trades.recent', { symbol: null }, 'trades?symbol='],
    ['trades.recent', { symbol, limit: 1.5 }, 'trades?symbol=BTCUSD&limit=1.5'],
    ['ticker.price', { symbol, symbols: both }, `ticker/price?symbol=BTCUSD&symbols=${listed}`],
    ['depth', { symbol, limits: 5 }, 'depth?symbol=BTCUSD&limits=5'],
  ])('[G270] %s %j is what REST answers', async (method, params, call) => {
    await publishAll();
    using client = await connect();
    const { id, rateLimits, ...answer } = await ask(client, method, params);
    const response = await fetch(`${served.url}/api/v3/${call}`);
    const body = (await response.json()) as object;
    const expected = 'serverTime' in body ? { ...body, serverTime: expect.any(Number) } : body;
    expect(answer).toEqual({ status: response.status, [response.ok ? 'result' : 'error']: expected });
    expect(rateLimits).toEqual(limitsOf(1));
    expect(id).toBe(lastId);
  });

  it('[G270] time', async () => {
    using client = await connect();
    const { status, result } = await ask(client, 'time');
    expect(status).toBe(200);
    expect(Math.abs(Date.now() - Number((result as { serverTime: number }).serverTime))).toBeLessThan(10_000);
  });

  it.each(['1', '-9007199254740995', '"a-b"', 'null'])('[G271] the id %s comes back as it was', async (id) => {
    using client = await connect();
    const texts: string[] = [];
    client.socket.on('message', (data) => texts.push(String(data)));
    client.socket.send(`{"id":${id},"method":"ping"}`);
    await waitFor('an answer', () => texts.length === 1);
    expect(texts[0]).toMatch(new RegExp(`^\\{"id":${id},"status":200,`));
  });

  it.each([
    ['not JSON', '{"id":', null, 400, -1135, 'Invalid JSON Request'],
    ['an array', '[]', null, 400, -1135, 'Invalid JSON Request'],
    ['no id', '{"method":"ping"}', null, 400, -1102, "'id'"],
    ['an id of another kind', '{"id":{},"method":"ping"}', null, 400, -1102, "'id'"],
    ['no method', '{"id":7}', 7, 400, -1102, "'method'"],
    ['a method for orders', '{"id":7,"method":"order.place","params":{}}', 7, 404, -1020, 'not supported'],
    ['a method of every object', '{"id":7,"method":"toString"}', 7, 404, -1020, 'not supported'],
    ['params that are a list', '{"id":7,"method":"ping","params":[]}', 7, 400, -1135, "'params'"],
    ['an object as a value', '{"id":7,"method":"depth","params":{"symbol":{}}}', 7, 400, -1130, "'symbol'"],
    ['a list of lists', '{"id":7,"method":"ticker.price","params":{"symbols":[[]]}}', 7, 400, -1130, "'symbols'"],
    ['a flag that is none', '{"id":7,"method":"ping","params":{"returnRateLimits":1}}', 7, 400, -1130, 'returnRateL'],
    ['a signature', '{"id":7,"method":"ping","params":{"signature":"x"}}', 7, 400, -1104, 'Not all sent'],
    ['a token', '{"id":7,"method":"ping","params":{"token":"x"}}', 7, 400, -1104, 'Not all sent'],
  ])('[G271] %s is rejected, and the connection goes on', async (_what, text, id, status, code, msg) => {
    using client = await connect();
    client.socket.send(text);
    const answer = await client.until('a rejection', () => true);
    const error = { code, msg: expect.stringContaining(msg) };
    expect(answer).toEqual({ id, status, error, rateLimits: limitsOf(1) });
    expect(await ask(client, 'ping')).toMatchObject({ status: 200, rateLimits: limitsOf(2) });
  });

  it('[G271] a binary message is rejected', async () => {
    using client = await connect();
    client.socket.send(Buffer.from('{"id":1,"method":"ping"}'), { binary: true });
    expect(await client.until('a rejection', () => true)).toMatchObject({ id: null, error: { code: -1135 } });
  });

  it('[G272] rateLimits count requests, and are left out where they are not wanted', async () => {
    using client = await connect();
    expect((await ask(client, 'ping'))['rateLimits']).toEqual(limitsOf(1));
    expect(await ask(client, 'ping', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
    expect((await ask(client, 'ping'))['rateLimits']).toEqual(limitsOf(3));
    using quiet = await connect('?returnRateLimits=false');
    expect(await ask(quiet, 'ping')).toEqual({ id: lastId, status: 200, result: {} });
    expect(await ask(quiet, 'none')).not.toHaveProperty('rateLimits');
    expect((await ask(quiet, 'ping', { returnRateLimits: true }))['rateLimits']).toEqual(limitsOf(3));
  });

  it('[G276] timeUnit=MICROSECOND', async () => {
    await publishAll();
    using client = await connect('?timeUnit=MICROSECOND');
    const { result } = await ask(client, 'trades.recent', { symbol, limit: 1 });
    expect(result).toEqual([expect.objectContaining({ time: header.ts * 1_000 })]);
  });

  it.each([
    ['returnRateLimits=no', 'returnRateLimits must be true or false'],
    ['returnratelimits=false', 'did you mean returnRateLimits?'],
    ['timeUnit=NANOSECOND', 'timeUnit must be'],
    ['returnRateLimits=false&returnRateLimits=true', 'more than once'],
  ])('[G272] ?%s closes with what is wrong', async (query, reason) => {
    using client = await connect(`?${query}`);
    expect(await client.closed).toEqual({ code: 1008, reason: expect.stringContaining(reason) });
  });

  it('[G273] pings have to be answered as on streams, and a gateway that leaves says so', async () => {
    await start({ BINANCE_PING_MS: '300', PING_MS: '100' });
    const silent = new WebSocket(`${served.url.replace('http', 'ws')}${path}`, { autoPong: false });
    const code = new Promise((resolve) => silent.on('close', resolve));
    using client = await connect();
    using micro = await connect('?timeUnit=microsecond');
    expect(await code).toBe(1008);
    await Promise.all([ask(client, 'ping'), ask(micro, 'time')]);
    await served.gateway.close();
    expect(await client.closed).toMatchObject({ code: 1001 });
    await micro.closed;
    const last = client.messages.at(-1) as { event: { E: number } };
    expect(last).toEqual({ event: { e: 'serverShutdown', E: expect.any(Number) } });
    expect(micro.messages.at(-1)).toEqual({ event: { e: 'serverShutdown', E: last.event.E * 1_000 } });
  });

  it('[G274] reads beyond the bounds are rejected with when to try again, and nothing closes', async () => {
    await publishAll();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    onRead = () => held;
    using client = await connect();
    using other = await connect();
    for (let id = 1; id <= 70; id += 1) {
      client.socket.send(JSON.stringify({ id, method: 'trades.recent', params: { symbol, limit: id } }));
    }
    const rejected = await client.until('a rejection', ({ status }) => status === 429);
    const data = { serverTime: expect.any(Number), retryAfter: expect.any(Number) };
    expect(rejected['error']).toEqual({ code: -1003, msg: 'Too many requests queued.', data });
    // One address has as many reads under way as one connection.
    expect(await ask(other, 'trades.recent', { symbol })).toMatchObject({ status: 429 });
    expect(await ask(other, 'ping')).toMatchObject({ status: 200 });
    release();
    await client.until('the answer to the first', ({ id }) => id === 1);
    await waitFor('all answers', () => client.messages.length === 70);
    expect(client.messages.filter(({ status }) => status === 200)).toHaveLength(64);
    expect(await refusals(served.url, 'reads')).toBe(7);
    expect(await ask(client, 'trades.recent', { symbol })).toMatchObject({ status: 200 });
  });

  it('[G274] history out of reach is 503', async () => {
    onRead = () => {
      throw new Error('Redis is out of reach');
    };
    using client = await connect();
    expect(await ask(client, 'trades.recent', { symbol })).toMatchObject({ status: 503, error: { code: -1001 } });
  });

  it('[G275] a token that does not allow all is answered with 403, as by REST', async () => {
    const key = 'a secret of more than 32 characters';
    await start({ AUTH: 'jwt', AUTH_JWT_SECRET: key });
    const query = (claims: object) => `?token=${makeToken({ alg: 'HS256', key, claims: { ...claims } })}`;
    await expect(connect()).rejects.toThrow('401');
    using some = await connect(query({ tickwire: { allow: ['trade.sim.*'] } }));
    expect(await ask(some, 'ticker.price')).toMatchObject({ status: 403, error: { code: -2015 } });
    using all = await connect(query({}));
    await publishAll();
    expect(await ask(all, 'ticker.price')).toMatchObject({ status: 200 });
  });
});
