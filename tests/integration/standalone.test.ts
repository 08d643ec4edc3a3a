import { describe, expect, it } from '@jest/globals';
import { createScope } from '@tickwire/runtime';
import { startStandalone } from '@tickwire/standalone';
import { gatewayVariables } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';

const variables = { ...gatewayVariables, LOG_LEVEL: 'silent', SYMBOLS: 'BTC-USD', SIM_RATE: '40', LEASE_MS: '600' };

const start = async (more: Readonly<Record<string, string>> = {}) => {
  const scope = createScope();
  const { port } = await startStandalone({ ...variables, ...more }, scope).catch(async (error: unknown) => {
    await scope.close();
    throw error;
  });
  return { port, close: scope.close, [Symbol.asyncDispose]: scope.close };
};

const tradesOf = (port: number) => connectPlain(`http://127.0.0.1:${port}/ws/prediction/?channels=trade.sim.BTC-USD`);

const isTrade = (message: Readonly<Record<string, unknown>>): boolean => message['type'] === 'price.trade';

describe('producer and gateway in one process', () => {
  it('[E110] with REDIS_URL a second start stands by and shows the prices of the first, then goes on in their place', async () => {
    await using redis = await startRedisServer();
    await using first = await start({ REDIS_URL: redis.url });
    await using second = await start({ REDIS_URL: redis.url });
    using one = await tradesOf(first.port);
    using two = await tradesOf(second.port);
    const seen = await two.until('a trade', isTrade);
    expect(await one.until('the same one', ({ seq }) => seq === seen['seq'])).toEqual(seen);
    await first.close();
    const last = Number(two.messages.at(-1)?.['seq']);
    const next = await two.until('trades of the second', ({ seq }) => Number(seq) > last + 20);
    expect(next['epoch']).toBe(seen['epoch']);
    const numbers = two.messages.filter(isTrade).map(({ seq }) => Number(seq));
    expect(numbers).toEqual(numbers.map((_, at) => Number(numbers[0]) + at));
  });

  it('[E112] HEALTH_PORT is asked for by nobody who did not set it; one that is taken is named', async () => {
    await using first = await start();
    await using second = await start({ HEALTH_PORT: '0' });
    expect(second.port).not.toBe(first.port);
    await expect(start({ HEALTH_PORT: String(first.port) })).rejects.toThrow(
      `HEALTH_PORT ${first.port} on 127.0.0.1 is already in use`,
    );
  });
});
