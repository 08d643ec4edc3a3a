import { describe, expect, it } from '@jest/globals';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { gatewayVariables } from '../support/memory-gateway.js';
import { openRaw } from '../support/redis-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

const apiKey = 'correct horse battery';
const logger = createLogger('test', 'silent');

const start = async (url: string) => {
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: url }), logger);
  const config = gatewayConfig({ ...gatewayVariables, API_KEY: apiKey });
  const gateway = await startGateway({ config, logger, ...backend });
  return {
    layer: backend.layer,
    publish: async (key: string): Promise<{ status: number; replayed: unknown }> => {
      const response = await fetch(`http://127.0.0.1:${gateway.port}/api/publish`, {
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

describe('publishing by REST on two gateways over Redis', () => {
  it('[G63] repeats at once and later, on both, publish once a key', async () => {
    await using redis = await startRedisServer();
    await using one = await start(redis.url);
    await using two = await start(redis.url);
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
