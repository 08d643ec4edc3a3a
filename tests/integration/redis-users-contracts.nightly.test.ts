import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { createRedisLease } from '@tickwire/channel-layer';
import { describeLayerContract, historyContract, leaseContract } from '@tickwire/channel-layer/testing';
import type { Redis } from 'ioredis';
import { openRedisHistory, scriptClientOf } from '../support/redis-history.js';
import { openLayer } from '../support/redis-layer.js';
import { type RedisWithUsers, startRedisWithUsers } from '../support/redis-users.js';

let redis: RedisWithUsers;
let producer: Redis;
let operator: Redis;

beforeAll(async () => {
  redis = await startRedisWithUsers();
  producer = await redis.connect('producer');
  operator = await redis.connect('operator');
});
afterAll(async () => {
  producer.disconnect();
  operator.disconnect();
  await redis[Symbol.asyncDispose]();
});

/** Names that lie within those of the users. */
const ownNames = () => ({ prefix: `tickwire:history:${randomUUID()}`, layerPrefix: `asgi__group__${randomUUID()}` });

historyContract('the history of the producer user', (options) =>
  openRedisHistory(
    redis.server.port,
    { ...options, ...ownNames(), client: scriptClientOf(producer) },
    redis.loginOf('operator'),
  ),
);

leaseContract('the lease of the producer user', async (owner) => {
  await operator.del('tickwire:lease:producer');
  return createRedisLease({ client: scriptClientOf(producer), owner, leaseMs: 60_000 });
});

describe('the commands of the gateway user', () => {
  let wide: RedisWithUsers;
  beforeAll(async () => {
    wide = await startRedisWithUsers();
    const operator = await wide.connect('operator');
    // The contract has channels of processes too, which gateways do without.
    await operator.call('acl', 'setuser', 'tickwire-gateway', 'allchannels');
    operator.disconnect();
  });
  afterAll(async () => {
    await wide[Symbol.asyncDispose]();
  });

  describeLayerContract('the layer of the gateway user', (options) =>
    openLayer({ ...options, hosts: [wide.urlOf('gateway')] }),
  );
});
