import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { openHttpStream } from '../support/http-stream.js';
import { connectPlain } from '../support/plain-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTrouble, type Trouble } from '../support/trouble.js';

const trades = 'trade.sim.BTC-USD';
const unfollowed = 'bar-1m.sim.BTC-USD';
const tryAgain = 'Redis is unreachable: try again';

describe.each(['gone', 'hanging'] as const)('clients that come while Redis is %s', (trouble) => {
  let redis: RedisServer;
  let tickwire: Trouble;
  let url: string;

  beforeAll(async () => {
    redis = await startRedisServer();
    tickwire = await startTrouble({ redisUrl: redis.url });
    url = tickwire.gateways[0]?.url ?? '';
    using staying = await connectPlain(`${url}/ws/prediction/?channels=${trades}`);
    await staying.until('a trade', ({ type }) => type === 'price.trade');
    if (trouble === 'gone') await redis.stop('SIGKILL');
    else process.kill(redis.pid, 'SIGSTOP');
    await staying.until('its end', ({ type }) => type === 'channel.stale', 20_000);
  });

  afterAll(async () => {
    if (trouble === 'hanging') process.kill(redis.pid, 'SIGCONT');
    await tickwire?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  it.each([
    ['plain JSON, channels', `/ws/prediction/?channels=${unfollowed}`],
    ['plain JSON, a price', '/ws/prediction/?symbol=BTC-USD'],
    ['a Binance stream', '/ws/btcusd@kline_1m'],
    ['Binance streams', '/stream?streams=btcusd@ticker/btcusd@kline_1m'],
  ])('[G320] %s: closed with 1013, the reason in words', async (_, path) => {
    using client = await connectPlain(`${url}${path}`);
    expect(await client.closed).toEqual({ code: 1013, reason: tryAgain });
  });

  it('[G320] the Centrifuge protocol: a temporary error with the reason, for subscriptions and history', async () => {
    using client = await openCentrifuge(url);
    await client.connect();
    const error = { code: 100, message: tryAgain, temporary: true };
    expect(await client.call({ subscribe: { channel: unfollowed } })).toMatchObject({ error });
    expect(await client.call({ history: { channel: unfollowed, limit: 1 } })).toMatchObject({ error });
  });

  it('[G320] one-way streams: an EventSource comes again by itself, others get 503 with Retry-After', async () => {
    await using sse = await openHttpStream(`${url}/connection/uni_sse?cf_connect=${connectTo(unfollowed)}`);
    expect(await sse.first('disconnect')).toMatchObject({ disconnect: { code: 3004, reason: tryAgain } });
    expect(sse.retryMs()).toBeGreaterThan(0);
    const lines = await fetch(`${url}/connection/uni_http_stream?cf_connect=${connectTo(unfollowed)}`);
    expect([lines.status, lines.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await lines.json()).toMatchObject({ error: { message: tryAgain } });
  });

  it('[G320] Binance over its WebSocket API: 503, and the connection goes on', async () => {
    using client = await connectPlain(`${url}/ws-api/v3`);
    client.socket.send(JSON.stringify({ id: 1, method: 'trades.recent', params: { symbol: 'BTCUSD' } }));
    expect(await client.until('an answer', ({ id }) => id === 1)).toMatchObject({ status: 503 });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

describe('clients that come to a gateway that has never reached Redis', () => {
  let tickwire: Trouble;
  let url: string;

  beforeAll(async () => {
    const redis = await startRedisServer();
    await redis[Symbol.asyncDispose]();
    tickwire = await startTrouble({ redisUrl: redis.url, producers: 0 });
    url = tickwire.gateways[0]?.url ?? '';
  });

  afterAll(async () => tickwire?.[Symbol.asyncDispose]());

  it.each([
    ['plain JSON, channels', `/ws/prediction/?channels=${trades}`],
    ['a Binance stream', '/ws/btcusd@trade'],
    ['Binance streams', '/stream?streams=btcusd@ticker/btcusd@kline_1m'],
    ['all symbols', '/ws/!miniTicker@arr'],
  ])('[G320] %s: closed with 1013, the reason in words', async (_, path) => {
    using client = await connectPlain(`${url}${path}`);
    expect(await client.closed).toEqual({ code: 1013, reason: tryAgain });
  });

  it('[G320] a Binance subscription closes in the same way', async () => {
    using client = await connectPlain(`${url}/ws`);
    client.socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['btcusd@trade'], id: 1 }));
    expect(await client.closed).toEqual({ code: 1013, reason: tryAgain });
  });

  it('[G320] Binance over its WebSocket API: 503, and the connection goes on', async () => {
    using client = await connectPlain(`${url}/ws-api/v3`);
    client.socket.send(JSON.stringify({ id: 1, method: 'ticker.price', params: { symbol: 'BTCUSD' } }));
    expect(await client.until('an answer', ({ id }) => id === 1)).toMatchObject({ status: 503 });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

const connectTo = (channel: string): string => encodeURIComponent(JSON.stringify({ subs: { [channel]: {} } }));
