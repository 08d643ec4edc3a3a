import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRedisLease } from '@tickwire/channel-layer';
import { batchOf, leaseContract } from '@tickwire/channel-layer/testing';
import type { Redis } from 'ioredis';
import { processLogin } from '../support/limited-users.js';
import { connectRedis, openRedisHistory, scriptClientOf } from '../support/redis-history.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

let server: RedisServer;
let redis: Redis;
let ofProcess: Redis;
beforeAll(async () => {
  server = await startRedisServer();
  redis = await connectRedis(server.port);
  ofProcess = await connectRedis(server.port, processLogin);
});
afterAll(async () => {
  redis.disconnect();
  ofProcess.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

const leaseOf = (owner: string, leaseMs = 60_000) =>
  createRedisLease({ client: scriptClientOf(ofProcess), owner, leaseMs });

const granted = async (lease: ReturnType<typeof leaseOf>): Promise<number> => {
  const token = await lease.acquire();
  if (token === undefined) throw new Error('the lease was not granted');
  return token;
};

leaseContract('the Redis lease', async (owner) => leaseOf(owner));

describe('the Redis lease', () => {
  test('[H43] has one holder at a time', async () => {
    const leases = Array.from({ length: 8 }, (_, index) => leaseOf(`process-${index}`));
    const tokens = await Promise.all(leases.map((lease) => lease.acquire()));
    expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
    const holder = tokens.findIndex((token) => token !== undefined);
    expect(await leases[0]?.holder()).toEqual({ owner: `process-${holder}`, token: tokens[holder] });
  });

  test('[H43] two processes with one owner name are two holders', async () => {
    const [one, two] = [leaseOf('producer'), leaseOf('producer')];
    await granted(one);
    expect(await two.acquire()).toBeUndefined();
    await two.release();
    expect(await two.acquire()).toBeUndefined();
  });

  test('[H44] the token grows at each change of holder, also back to an earlier one', async () => {
    const [one, two] = [leaseOf('one'), leaseOf('two')];
    let last = 0;
    for (const lease of [one, two, one, one, two]) {
      const token = await granted(lease);
      expect(token).toBeGreaterThan(last);
      last = token;
      await lease.release();
    }
  });

  test('[H44] the token grows although the clock was set back', async () => {
    const inAnHourMs = Date.now() + 3_600_000;
    await redis.set('tickwire:lease:producer:token', inAnHourMs);
    expect(await granted(leaseOf('one'))).toBe(inAnHourMs + 1);
  });

  test('[H45] the token grows although Redis lost everything', async () => {
    const before = await granted(leaseOf('one'));
    await redis.flushall();
    await waitFor('the next millisecond', () => Date.now() > before);
    expect(await granted(leaseOf('two'))).toBeGreaterThan(before);
  });

  test.each(['the holder', 'a standby that was refused', 'who looked'])(
    '[H95] the token grows although Redis lost everything and its clock is hours behind, known to %s',
    async (who) => {
      const ahead = Date.now() + 7 * 3_600_000;
      await redis.set('tickwire:lease:producer:token', ahead);
      const [one, two] = [leaseOf('one'), leaseOf('two')];
      const before = await granted(one);
      if (who === 'a standby that was refused') expect(await two.acquire()).toBeUndefined();
      if (who === 'who looked') expect(await two.holder()).toEqual({ owner: 'one', token: before });
      await redis.flushall();
      expect(await granted(who === 'the holder' ? one : two)).toBe(before + 1);
    },
  );

  test('[H46] only the holder can release, and a lapsed one cannot release its successor', async () => {
    const [one, two] = [leaseOf('one', 30), leaseOf('two')];
    await granted(one);
    const token = await waitFor('the lease to lapse', () => two.acquire());
    await one.release();
    expect(await two.holder()).toEqual({ owner: 'two', token });
    expect(await one.acquire()).toBeUndefined();
  });

  test('[H47] a holder that goes silent loses the lease after leaseMs', async () => {
    const [one, two] = [leaseOf('one', 50), leaseOf('two')];
    const askedMs = Date.now();
    const token = await granted(one);
    const newer = await waitFor('the lease to lapse', () => two.acquire());
    expect(Date.now() - askedMs).toBeGreaterThanOrEqual(49);
    expect(newer).toBeGreaterThan(token);
  });

  test('[H47] renewing starts leaseMs anew', async () => {
    const lease = leaseOf('one', 60_000);
    const token = await granted(lease);
    await redis.pexpire('tickwire:lease:producer', 10_000);
    expect(await lease.acquire()).toBe(token);
    expect(await redis.pttl('tickwire:lease:producer')).toBeGreaterThan(50_000);
  });

  test('[H47] a holder whose lease lapsed unclaimed gets a new token', async () => {
    const lease = leaseOf('one', 20);
    const token = await granted(lease);
    await waitFor('the lease to lapse', async () => (await lease.holder()) === undefined);
    expect(await granted(lease)).toBeGreaterThan(token);
  });

  test('[H48] its token fences: a holder that lost the lease without noticing can write no more', async () => {
    await using harness = await openRedisHistory(server.port);
    const [one, two] = [leaseOf('one', 30), leaseOf('two')];
    const older = await granted(one);
    await harness.history.append([batchOf('quotes', 'e1', 1, 2)], older);
    const newer = await waitFor('the lease to lapse', () => two.acquire());
    await harness.history.append([batchOf('quotes', 'e1', 3, 0)], newer);
    expect(await harness.history.append([batchOf('quotes', 'e1', 3, 1)], older)).toEqual([
      { group: 'quotes', outcome: 'fenced', fence: newer },
    ]);
    expect(await harness.history.append([batchOf('quotes', 'e1', 3, 1)], newer)).toMatchObject([
      { outcome: 'appended' },
    ]);
  });
});
