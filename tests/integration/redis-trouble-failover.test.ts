import { describe, expect, it } from '@jest/globals';
import { type Follower, follow } from '../support/follower.js';
import { connectRedis } from '../support/redis-history.js';
import { startRedisSentinels } from '../support/redis-sentinels.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTrouble } from '../support/trouble.js';
import { startTroubledLink } from '../support/troubled-link.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const channels = [trades, 'ticker.sim.BTC-USD', 'bar-1s.sim.BTC-USD'];

/** As in earnest: a replica that is a second behind must not think that the lease has run out. */
const variables = { LEASE_MS: String(patientMs(3_000)) };

const startReplica = async (ofPort: number): Promise<RedisServer> => {
  const replica = await startRedisServer({
    args: ['--replicaof', '127.0.0.1', String(ofPort), '--repl-diskless-sync-delay', '0'],
  });
  const redis = await connectRedis(replica.port);
  await waitFor('the replica to be in step', async () =>
    (await redis.info('replication')).includes('master_link_status:up'),
  );
  redis.disconnect();
  return replica;
};

const expectNothingLost = (follower: Follower): void => {
  expect(follower.violations).toEqual([]);
  expect(follower.losses).toEqual([]);
  const ids = follower.tradeIds(trades);
  expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
};

describe('Redis failover', () => {
  it('[E36] a master that dies under three Sentinels: clients stay, and nothing is missing', async () => {
    await using master = await startRedisServer();
    await using replica = await startReplica(master.port);
    await using sentinels = await startRedisSentinels('prices', master.port);
    await using trouble = await startTrouble({ redisUrl: sentinels.url, producers: 2, gateways: 2, variables });
    const [first, second] = trouble.gateways;
    using one = follow(first?.url ?? '', channels);
    using two = follow(second?.url ?? '', channels);
    for (const client of [one, two]) await client.more(trades, 50);
    await master.stop('SIGKILL');
    for (const client of [one, two]) await client.untilNotified(trades, 'channel.stale');
    await waitFor('the replica to be master', async () => (await sentinels.master()) === replica.port, 30_000);
    for (const client of [one, two]) {
      await client.untilNotified(trades, 'channel.live', 30_000);
      await client.more(trades, 100, 30_000);
      expectNothingLost(client);
    }
  });

  it('[E37] a replica promoted without the last second: it is published again, the same bytes at the same place', async () => {
    await using master = await startRedisServer();
    await using replication = await startTroubledLink(master.port);
    await using replica = await startReplica(replication.port);
    // One address for whoever is the master, as behind a proxy.
    await using address = await startTroubledLink(master.port);
    const redisUrl = `redis://127.0.0.1:${address.port}`;
    await using trouble = await startTrouble({ redisUrl, producers: 2, gateways: 2, variables });
    const [first, second] = trouble.gateways;
    using client = follow(first?.url ?? '', channels);
    // Nor does the replica lose the beginning of a channel.
    await waitFor('a bar', () => client.payloads('bar-1s.sim.BTC-USD').size > 0);
    await client.more(trades, 50);

    replication.set({ kind: 'hanging' });
    await client.more(trades, 100);
    address.set({ kind: 'refusing' });
    address.cut();
    const promoted = await connectRedis(replica.port);
    await promoted.replicaof('NO', 'ONE');
    const { seq } = await promoted.hgetall(`tickwire:position:${trades}`);
    promoted.disconnect();
    address.retarget(replica.port);
    address.set({ kind: 'open' });

    await client.untilNotified(trades, 'channel.live');
    await client.more(trades, 100);
    expectNothingLost(client);
    const before = client.payloads(trades);
    const [newest = ''] = [...before.keys()].slice(-1);
    const [epoch = ''] = newest.split(':');
    await waitFor('the other gateway to be ready', async () => (await fetch(`${second?.url}/readyz`)).ok);
    // Who asks another gateway for what the replica had lost gets what the others got.
    using late = follow(second?.url ?? '', [trades], `&since=${trades}:${epoch}:${Number(seq) - 5}`);
    await late.more(trades, 150);
    expect(late.violations).toEqual([]);
    expect(late.losses).toEqual([]);
    const after = late.payloads(trades);
    const shared = [...after.keys()].filter((position) => before.has(position));
    expect(shared.length).toBeGreaterThan(90);
    expect(shared.map((position) => after.get(position))).toEqual(shared.map((position) => before.get(position)));
  });
});
