import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { type CentrifugeClient, openCentrifuge } from '../support/centrifuge-client.js';
import { openHttpStream } from '../support/http-stream.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import { openRaw } from '../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const apiKey = 'correct horse battery';
const logger = createLogger('test', 'silent');

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

const start = async (name: string) => {
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: redis.url }), logger);
  const config = gatewayConfig({ ...gatewayVariables, GATEWAY_NAME: name, API_KEY: apiKey });
  const gateway = await startGateway({ config, logger, ...backend });
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    url,
    layer: backend.layer,
    publish: async (key: string): Promise<{ status: number; replayed: unknown }> => {
      const response = await fetch(`${url}/api/publish`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${apiKey}`, 'Idempotency-Key': key },
        body: JSON.stringify({ channel: 'ticker.sim.BTC-USD', message: { type: 'x', key } }),
      });
      const { replayed } = (await response.json()) as { replayed?: boolean };
      return { status: response.status, replayed };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await backend.close();
    },
  };
};

describe('gateways over one Redis', () => {
  it('[CF35] [CF2] count the clients of them all, and say who they are', async () => {
    await using one = await start('one');
    const two = await start('two');
    const clients: CentrifugeClient[] = [];
    const follow = async (url: string): Promise<unknown> => {
      const client = await openCentrifuge(url);
      clients.push(client);
      const { connect } = await client.connect();
      expect(await client.call({ subscribe: { channel } })).toHaveProperty('subscribe');
      return connect;
    };
    expect(await follow(one.url)).toMatchObject({ node: 'one', data: { gateway: 'one' } });
    expect(await follow(two.url)).toMatchObject({ node: 'two', data: { gateway: 'two' } });
    await follow(two.url);
    await using _stream = await openHttpStream(`${two.url}/connection/uni_sse?channel=${channel}`);
    const [first] = clients;
    const counted = async (): Promise<unknown> =>
      (await first?.call({ presence_stats: { channel } }))?.['presence_stats'];
    await waitFor(
      'all four to be counted',
      async () => JSON.stringify(await counted()) === '{"num_clients":4,"num_users":1}',
    );
    await two[Symbol.asyncDispose]();
    await waitFor(
      'those of the other gateway to be gone',
      async () => JSON.stringify(await counted()) === '{"num_clients":1,"num_users":1}',
    );
    for (const client of clients) client[Symbol.dispose]();
  });

  it('[G63] publish once a key by REST, however often and at which of them it is repeated', async () => {
    await using one = await start('one');
    await using two = await start('two');
    const heard: unknown[] = [];
    const stop = await one.layer.groupListen('ticker.sim.BTC-USD', ({ key }) => void heard.push(key));
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    for (const key of keys) {
      const asked = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? one : two).publish(key));
      const answers = await Promise.all(asked);
      expect(answers.filter(({ replayed }) => replayed === false)).toHaveLength(1);
      for (const { status } of answers) expect([200, 409]).toContain(status);
      expect(await two.publish(key)).toEqual({ status: 200, replayed: true });
    }
    await using raw = await openRaw(redis.url);
    const names = await raw.redis.keys('tickwire:publish-key:*');
    expect(names).toHaveLength(keys.length);
    for (const name of names) {
      expect(await raw.redis.memory('USAGE', name)).toBeLessThanOrEqual(200);
      expect(await raw.redis.pttl(name)).toBeGreaterThan(3_500_000);
    }
    await waitFor('all of them', () => heard.length >= keys.length);
    expect(heard).toEqual(keys);
    await stop();
  });
});
