import { describe, expect, it } from '@jest/globals';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { freePort } from '../support/free-port.js';
import { connectPlain } from '../support/plain-client.js';
import { openRaw } from '../support/redis-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const market = { SYMBOLS: 'BTC-USD', SIM_RATE: '40' };

const statusOf = (url: string): Promise<number> => fetch(url).then(({ status }) => status);
const reasonsOf = async ({ url }: TickwireProcess): Promise<readonly string[]> =>
  ((await (await fetch(`${url}/readyz`)).json()) as { reasons: string[] }).reasons;
const linesWith = (text: string, { output }: TickwireProcess): number => output().split(text).length - 1;

describe('processes that start while Redis is away', () => {
  it('[E145] [GL262] gateway and producer start, serve what needs no Redis, say what they wait for, and do their work once it is there; so does one that starts while the list of symbols cannot be read', async () => {
    const port = await freePort();
    const env = { REDIS_URL: `redis://127.0.0.1:${port}` };
    await using gateway = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    await using producer = await startTickwire('producer', { ...env, ...market });
    const { url } = gateway;

    const page = await (await fetch(`${url}/`)).text();
    const asset = /"(\.?\/?assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';
    for (const path of ['/healthz', `/${asset.replace(/^\.?\//, '')}`, '/api/openapi.json', '/api/asyncapi.json'])
      expect([path, await statusOf(`${url}${path}`)]).toEqual([path, 200]);
    expect(await statusOf(`${producer.url}/healthz`)).toBe(200);
    for (const waiting of [gateway, producer]) {
      expect(await statusOf(`${waiting.url}/readyz`)).toBe(503);
      expect((await reasonsOf(waiting))[0]).toBe(
        `channel layer lost: cannot connect to Redis at 127.0.0.1:${port}: connection refused`,
      );
    }
    // Bots ask for a symbol before all else: it is not unknown, nobody knows yet.
    for (const path of [
      '/api/symbols',
      '/api/v3/exchangeInfo',
      '/api/v3/ticker/price?symbol=BTCUSD',
      `/api/history?channel=${trades}`,
    ]) {
      const response = await fetch(`${url}${path}`);
      expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '1']);
    }
    // A client that waits for the price, and those that are to come again.
    using pricing = await connectPlain(`${url}/ws/prediction/`);
    for (const path of [`/ws/prediction/?channels=${trades}`, '/ws/btcusd@trade', '/stream?streams=!miniTicker@arr']) {
      using early = await connectPlain(`${url}${path}`);
      expect([path, (await early.closed).code]).toEqual([path, 1013]);
    }
    using centrifuge = await openCentrifuge(url);
    await centrifuge.connect();
    expect(await centrifuge.call({ subscribe: { channel: trades } })).toMatchObject({ error: { temporary: true } });

    await using _redis = await startRedisServer({ port });
    await waitFor('the gateway to be ready', async () => (await statusOf(`${url}/readyz`)) === 200);
    await waitFor('the producer to lead', async () => (await statusOf(`${producer.url}/readyz`)) === 200);
    await pricing.until('a price', (message) => typeof message['price'] === 'number', 20_000);
    using binance = await connectPlain(`${url}/ws/btcusd@trade`);
    await binance.until('a trade', (message) => message['e'] === 'trade', 20_000);
    await centrifuge.call({ subscribe: { channel: trades } });
    await waitFor('a publication', () => centrifuge.pubs(trades).length > 0);
    for (const each of [gateway, producer])
      expect([linesWith('channel layer lost', each), linesWith('channel layer restored', each)]).toEqual([1, 1]);

    // From here on a list of symbols cannot be read: one that starts has none, one that knows them serves on.
    await using raw = await openRaw(env.REDIS_URL);
    await raw.redis.set('tickwire:position:catalog', 'x');

    await using second = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    const unread = /^symbols cannot be read: catalog: WRONGTYPE/;
    await waitFor('the reason', async () => unread.test((await reasonsOf(second)).join()));
    expect(await statusOf(`${second.url}/readyz`)).toBe(503);
    const metrics = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();
    await waitFor('the metric', async () => (await metrics()).includes('\ntickwire_catalog_unreadable 1'), 20_000);
    expect(await statusOf(`${gateway.url}/readyz`)).toBe(200);
    using following = await connectPlain(`${gateway.url}/ws/prediction/?channels=${trades}`);
    await following.until('a trade', (message) => message['type'] === 'price.trade', 20_000);
    for (const { output } of [gateway, second]) {
      expect(output().split('a list of symbols in Redis cannot be read').length).toBe(2);
    }

    await raw.redis.del('tickwire:position:catalog');
    await waitFor('the second to be ready', async () => (await statusOf(`${second.url}/readyz`)) === 200, 60_000);
    // It may know the symbols from the group before it reads the key again.
    await waitFor('the line', () => linesWith('the lists of symbols can be read again', second) === 1, 20_000);
  });

  it('[E145] [R80] producer and gateway in one process do so too, and each ends in good order while it waits', async () => {
    const port = await freePort();
    const env = { REDIS_URL: `redis://127.0.0.1:${port}`, DRAIN_MS: '0' };
    for (const app of ['gateway', 'producer'] as const) {
      await using waiting = await startTickwire(app, env);
      expect([app, await waiting.stop()]).toEqual([app, 0]);
    }
    await using server = await startTickwire('standalone', { ...env, ...market });
    expect(await statusOf(`${server.url}/`)).toBe(200);
    await using _redis = await startRedisServer({ port });
    using client = await connectPlain(`${server.url}/ws/prediction/`);
    await client.until('a price', (message) => typeof message['price'] === 'number', 20_000);
    expect(server.output()).not.toContain('"msg":"stopping"');
    expect(await server.stop('SIGINT')).toBe(0);
    expect(linesWith('"msg":"stopping"', server)).toBe(1);
  });
});
