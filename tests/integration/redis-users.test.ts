import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMessageCodec, createRedisHistory } from '@tickwire/channel-layer';
import { batchOf, publications } from '@tickwire/channel-layer/testing';
import type { Redis } from 'ioredis';
import { freePort } from '../support/free-port.js';
import type { RedisUser } from '../support/limited-users.js';
import { connectPlain } from '../support/plain-client.js';
import { scriptClientOf } from '../support/redis-history.js';
import { type RedisWithUsers, startRedisWithUsers } from '../support/redis-users.js';
import { startTickwire } from '../support/tickwire-process.js';
import { patientMs, waitFor } from '../support/wait-for.js';

let redis: RedisWithUsers;
const clients = new Map<RedisUser, Redis>();
const as = (user: RedisUser): Redis => clients.get(user) as Redis;

beforeAll(async () => {
  redis = await startRedisWithUsers();
  for (const user of ['producer', 'gateway', 'operator'] as const) clients.set(user, await redis.connect(user));
});
afterAll(async () => {
  for (const client of clients.values()) client.disconnect();
  await redis[Symbol.asyncDispose]();
});

describe('the users of deploy/redis', () => {
  it('[O1] are all that producers and gateways need, and have nothing they do not need', async () => {
    await using fresh = await startRedisWithUsers();
    const operator = await fresh.connect('operator');
    await runAll(fresh, operator, (url) => url);
    const used = await usedCommands(operator);
    for (const user of ['producer', 'gateway'] as const) {
      const allowed = await commandsOf(operator, user);
      expect(allowed.length).toBeGreaterThan(5);
      expect(allowed.filter((command) => !used.has(command))).toEqual([]);
    }
    operator.disconnect();
  });

  it('[O1] on a Redis Cluster too', async () => {
    const busPort = await freePort();
    const ofCluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
    await using fresh = await startRedisWithUsers('users-cluster.acl', ofCluster);
    const operator = await fresh.connect('operator');
    await operator.call('cluster', 'addslotsrange', 0, 16_383);
    await waitFor('the cluster', async () => String(await operator.cluster('INFO')).includes('cluster_state:ok'));
    await runAll(fresh, operator, (url) => url.replace('redis:', 'cluster:'));
    const used = await usedCommands(operator);
    for (const user of ['producer', 'gateway'] as const) {
      // Asked for while a slot moves only, and here none does.
      const allowed = (await commandsOf(operator, user)).filter((command) => command !== 'asking');
      expect(allowed.filter((command) => !used.has(command))).toEqual([]);
    }
    operator.disconnect();
  });

  it.each([
    ['users.acl', []],
    ['users-cluster.acl', ['--cluster-enabled', 'yes', '--cluster-port']],
  ] as const)('[O1] with %s a Redis that keeps an append-only file loads all of it', async (name, ofCluster) => {
    const cluster = ofCluster.length > 0 ? [...ofCluster, String(await freePort())] : [];
    await using fresh = await startRedisWithUsers(name, [...cluster, '--appendonly', 'yes']);
    const operator = await fresh.connect('operator');
    const hashTags = cluster.length > 0;
    const serves = async (): Promise<void> => {
      if (!hashTags) return;
      await waitFor('the cluster', async () => String(await operator.cluster('INFO')).includes('cluster_state:ok'));
    };
    if (hashTags) await operator.call('cluster', 'addslotsrange', 0, 16_383);
    await serves();
    const producer = await fresh.connect('producer');
    const client = scriptClientOf(producer);
    const history = createRedisHistory({ client, codec: createMessageCodec(), hashTags });
    await history.append([batchOf('quotes', 'e1', 1, 3)], 5);
    const keysBefore = ((await operator.keys('*')) as string[]).sort();
    const lives = (): Promise<number[]> => Promise.all(keysBefore.map((key) => operator.pttl(key)));
    const isMortal = (await lives()).map((ms) => ms > 0);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await operator.call('bgrewriteaof');
      await history.append([batchOf('quotes', 'e1', signal === 'SIGTERM' ? 4 : 5, 1)], 5);
      await fresh.server.stop(signal);
      await fresh.server.start();
      for (const client of [operator, producer]) await waitFor('the client', () => client.status === 'ready');
      await serves();
    }
    expect(((await operator.keys('*')) as string[]).sort()).toEqual(keysBefore);
    const [range] = await history.newest(['quotes'], 9);
    expect(range).toMatchObject({ position: { epoch: 'e1', seq: 5 }, messages: publications('e1', 1, 5) });
    expect((await lives()).map((ms) => ms > 0)).toEqual(isMortal);
    expect(isMortal).toContain(true);
    expect(await operator.call('acl', 'log')).toEqual([]);
    for (const client of [operator, producer]) client.disconnect();
  });

  it.each([
    ['producer', 'get', ['other:key'], /key/],
    ['producer', 'subscribe', ['asgi__group__x'], /subscribe/],
    ['producer', 'publish', ['another-app', 'x'], /channel/],
    ['producer', 'keys', ['*'], /keys/],
    ['gateway', 'subscribe', ['another-app'], /channel/],
    ['gateway', 'get', ['tickwire:history:a'], /key/],
    ['gateway', 'xadd', ['tickwire:history:trade.sim.BTC-USD', '*', 'm', 'x'], /xadd/],
    ['gateway', 'hset', ['tickwire:position:trade.sim.BTC-USD', 'fence', '9'], /hset/],
    ['gateway', 'hmget', ['tickwire:lease:producer', 'id'], /key/],
    ['gateway', 'flushall', [], /flushall/],
    ['gateway', 'config', ['get', '*'], /config/],
    ['gateway', 'client', ['list'], /client/],
    ['gateway', 'script', ['flush'], /script/],
  ] as [RedisUser, string, string[], RegExp][])('[O2] %s cannot %s %j', async (user, command, args, what) => {
    const outcome = await as(user)
      .call(command, ...args)
      .catch((error: unknown) => error);
    expect(String(outcome)).toMatch(/NOPERM/);
    expect(String(outcome)).toMatch(what);
  });

  it('[O2] nobody comes in without a password', async () => {
    const client = await redis.connect('gateway');
    const outcome = await client.call('auth', 'default', '').catch((error: unknown) => error);
    expect(String(outcome)).toMatch(/WRONGPASS/);
    client.disconnect();
  });
});

/** Producer and standby, a gateway with a client, REST: all that reaches Redis, and none of it refused. */
const runAll = async (redis: RedisWithUsers, operator: Redis, urlOf: (url: string) => string): Promise<void> => {
  const ofProducer = {
    SYMBOLS: 'BTC-USD',
    SIM_RATE: '40',
    LEASE_MS: String(patientMs(600)),
    HISTORY_SIZE: '50',
    REDIS_URL: urlOf(redis.urlOf('producer')),
  };
  await using leader = await startTickwire('producer', ofProducer);
  await using standby = await startTickwire('producer', ofProducer);
  const apiKey = 'correct horse battery';
  await using gateway = await startTickwire('gateway', {
    REDIS_URL: urlOf(redis.urlOf('gateway')),
    API_KEY: apiKey,
    DRAIN_MS: '0',
    GROUP_LINGER_MS: '0',
    PROBE_MS: '100',
  });
  using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD&last=10`);
  await waitFor('trades', () => client.messages.length > 60);

  const publish = (): Promise<Response> =>
    fetch(`${gateway.url}/api/publish`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-API-Key': apiKey, 'Idempotency-Key': 'once' },
      body: JSON.stringify({ channel: 'ticker.sim.BTC-USD', message: { type: 'news.flash' } }),
    });
  expect((await publish()).status).toBe(200);
  expect(await (await publish()).json()).toMatchObject({ replayed: true });

  // When Redis is full the producer may shorten history.
  await operator.config('SET', 'maxmemory', '1');
  // On a busy machine the standby may have taken over meanwhile.
  await waitFor('history to give way', () => [leader, standby].some((each) => each.output().includes('Redis is full')));
  await operator.config('SET', 'maxmemory', '0');

  // A leader that goes in good order gives the lease back; the other goes on where it stopped.
  await leader.stop();
  await waitFor('the standby to lead', () => standby.output().includes('leading'));
  const before = client.messages.length;
  await waitFor('trades of the standby', () => client.messages.length > before + 20);
  client.socket.close();
  await waitFor('the group to be left', async () => {
    const channels = [...(await channelsOf(operator, 'CHANNELS')), ...(await channelsOf(operator, 'SHARDCHANNELS'))];
    return channels.every((name) => !name.includes('trade'));
  });
  // A look at whose keys there are (docs/publishing.md) is denied, and nothing else.
  const denied = (await operator.call('acl', 'log')) as unknown[][];
  expect(denied.filter((entry) => !entry.includes('scan'))).toEqual([]);
};

const channelsOf = async (operator: Redis, what: string): Promise<string[]> =>
  (await operator.call('pubsub', what)) as string[];

const usedCommands = async (operator: Redis): Promise<ReadonlySet<string>> =>
  new Set([...(await operator.info('commandstats')).matchAll(/cmdstat_([^:|]+)/g)].map(([, name]) => name ?? ''));

/** Those of the root permissions and of the selectors. */
const commandsOf = async (operator: Redis, user: RedisUser): Promise<string[]> => {
  const rules = (await operator.call('acl', 'list')) as string[];
  const own = rules.find((rule) => rule.startsWith(`user tickwire-${user} `)) ?? '';
  return [...own.matchAll(/\+([a-z]+)/g)].map(([, command]) => command as string);
};
