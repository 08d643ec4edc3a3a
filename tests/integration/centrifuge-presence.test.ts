import { describe, expect, it } from '@jest/globals';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { type CentrifugeClient, openCentrifuge } from '../support/centrifuge-client.js';
import { openHttpStream } from '../support/http-stream.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import { startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const logger = createLogger('test', 'silent');

const start = async (url: string, name: string) => {
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: url }), logger);
  const config = gatewayConfig({ ...gatewayVariables, GATEWAY_NAME: name });
  const gateway = await startGateway({ config, logger, ...backend });
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await backend.close();
    },
  };
};

describe('gateways over one Redis', () => {
  it('[CF35] [CF2] count the clients of them all, and say who they are', async () => {
    await using redis = await startRedisServer();
    await using one = await start(redis.url, 'one');
    const two = await start(redis.url, 'two');
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
});
