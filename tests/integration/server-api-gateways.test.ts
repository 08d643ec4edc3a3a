import { describe, expect, it } from '@jest/globals';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { openSdk } from '../support/centrifuge-sdk.js';
import { FetchEventSource } from '../support/event-source.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import { startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

const apiKey = 'correct horse battery';
const channel = 'trade.sim.BTC-USD';
const logger = createLogger('test', 'silent');

const start = async (url: string, env: Readonly<Record<string, string>>) => {
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: url }), logger);
  const config = gatewayConfig({ ...gatewayVariables, API_KEY: apiKey, ...env });
  const gateway = await startGateway({ config, logger, ...backend });
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    async ask(method: string, body: object): Promise<Readonly<Record<string, unknown>>> {
      const response = await fetch(`http://127.0.0.1:${gateway.port}/api/${method}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': apiKey },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Readonly<Record<string, unknown>>;
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await backend.close();
    },
  };
};

const followOn = async (url: string, ...channels: readonly string[]) => {
  const client = await openCentrifuge(url);
  await client.connect();
  for (const name of channels.length > 0 ? channels : [channel]) await client.call({ subscribe: { channel: name } });
  return client;
};

const followers = async ({ ask }: Pick<Awaited<ReturnType<typeof start>>, 'ask'>, name: string): Promise<unknown> => {
  const { result } = (await ask('presence_stats', { channel: name })) as { result: { num_clients: number } };
  return result.num_clients;
};

describe("Centrifugo's server API on two gateways", () => {
  it('[G191] [G192] knows the clients of both, and disconnects them where gateways sign their orders', async () => {
    await using redis = await startRedisServer();
    const env = { ADMIN_TOKEN: 'a token of operators, long enough' };
    await using one = await start(redis.url, env);
    await using two = await start(redis.url, env);
    using here = await followOn(one.url);
    using there = await followOn(two.url);
    await waitFor('both to be counted', async () => {
      const { result } = (await one.ask('channels', {})) as { result: { channels: object } };
      return JSON.stringify(result.channels) === JSON.stringify({ [channel]: { num_clients: 2 } });
    });
    const { result } = (await two.ask('info', {})) as {
      result: { nodes: { num_clients: number; num_subs: number }[] };
    };
    expect(result.nodes.map(({ num_clients, num_subs }) => [num_clients, num_subs])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(await one.ask('disconnect', { user: '' })).toEqual({ result: {} });
    for (const client of [here, there]) expect(await client.closed).toMatchObject({ code: 3503 });
  });

  it('[G380] unsubscribe ends the subscription of a user to a channel on all gateways, and nothing else', async () => {
    await using redis = await startRedisServer();
    const env = { ADMIN_TOKEN: 'a token of operators, long enough', CHANNELS: 'news.*' };
    await using one = await start(redis.url, env);
    await using two = await start(redis.url, env);
    using here = await followOn(one.url, 'news.a', 'news.b');
    const there = openSdk('Protobuf', two.url);
    const ends: object[] = [];
    there
      .newSubscription('news.a')
      .on('unsubscribed', (context) => ends.push(context))
      .subscribe();
    there.newSubscription('news.b').subscribe();
    there.connect();
    const pushes: object[] = [];
    const oneWay = new FetchEventSource(`${two.url}/connection/uni_sse?channel=news.a&channel=news.b`);
    oneWay.onmessage = ({ data }) => pushes.push(JSON.parse(data.replace(/^(id|retry): .*\n/gm, '')));
    await using _ = {
      async [Symbol.asyncDispose]() {
        there.disconnect();
        oneWay.close();
      },
    };
    await waitFor('all three to be counted', async () => (await followers(one, 'news.a')) === 3);
    expect(await one.ask('unsubscribe', { user: 'somebody else', channel: 'news.a' })).toEqual({ result: {} });
    expect(await one.ask('unsubscribe', { user: '', channel: 'news.a', client: 'no such' })).toEqual({ result: {} });
    expect(here.received.some(({ push }) => push !== undefined)).toBe(false);
    expect(await one.ask('unsubscribe', { user: '', channel: 'news.a' })).toEqual({ result: {} });
    const ended = { channel: 'news.a', unsubscribe: { code: 2000, reason: 'server unsubscribe' } };
    // A ping may have come after it.
    expect(here.received).toContainEqual({ push: ended });
    await waitFor(
      'all to be notified',
      async () => ends.length === 1 && JSON.stringify(pushes).includes('"unsubscribe"'),
    );
    expect(ends).toEqual([{ channel: 'news.a', ...ended.unsubscribe }]);
    expect(pushes).toContainEqual(ended);
    for (const channel of ['news.a', 'news.b']) await one.ask('publish', { channel, data: channel });
    await waitFor('the other channel', async () => here.offsets('news.b').length === 1);
    await waitFor('it over one way', async () => JSON.stringify(pushes).includes('"data":"news.b"'));
    expect(JSON.stringify(pushes)).not.toContain('"data":"news.a"');
    expect(here.offsets('news.a')).toEqual([]);
    await waitFor('nobody to be counted', async () => (await followers(one, 'news.a')) === 0);
    expect(await followers(two, 'news.b')).toBe(3);
    // It may subscribe again.
    expect(await here.call({ subscribe: { channel: 'news.a' } })).toMatchObject({ subscribe: { offset: 1 } });
  });

  it('[G192] without ADMIN_TOKEN a disconnect that other gateways would not heed is an error, and closes nobody', async () => {
    await using redis = await startRedisServer();
    await using one = await start(redis.url, {});
    await using two = await start(redis.url, {});
    await waitFor('each other', async () => {
      const { result } = (await one.ask('info', {})) as { result: { nodes: unknown[] } };
      return result.nodes.length === 2;
    });
    using here = await followOn(one.url);
    expect(await one.ask('disconnect', { user: '' })).toEqual({
      error: { code: 108, message: expect.stringContaining('ADMIN_TOKEN') },
    });
    expect((await here.call({ ping: {} }))['ping']).toEqual({});
    expect(two.url).not.toBe(one.url);
  });
});
