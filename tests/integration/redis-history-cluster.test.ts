import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMessageCodec, createRedisHistory, createRedisLease } from '@tickwire/channel-layer';
import { batchOf, publications, seqsOf, wholeRange } from '@tickwire/channel-layer/testing';
import { Cluster } from 'ioredis';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { scriptClientOf } from '../support/redis-history.js';
import { waitFor } from '../support/wait-for.js';

let servers: RedisCluster;
let cluster: Cluster;
beforeAll(async () => {
  servers = await startRedisCluster();
  cluster = new Cluster([...servers.nodes], { lazyConnect: true, shardedSubscribers: true, enableReadyCheck: false });
  await cluster.connect();
});
afterAll(async () => {
  cluster.disconnect();
  await servers[Symbol.asyncDispose]();
});

const groups = Array.from({ length: 12 }, (_, index) => `trade.sim.COIN${index}-USD`);

describe('the Redis history on a cluster', () => {
  test('[H35] groups of a call may lie on all masters; each has its result, and is heard by sharded pub/sub', async () => {
    const codec = createMessageCodec();
    const history = createRedisHistory({ client: scriptClientOf(cluster), codec, hashTags: true });
    const heard = new Map<string, number[]>(groups.map((group) => [`asgi__group__{${group}}`, []]));
    cluster.on('smessageBuffer', (channel: Buffer, bytes: Buffer) => {
      heard.get(channel.toString())?.push(Number(codec.decode(bytes)['seq']));
    });
    for (const channel of heard.keys()) await cluster.ssubscribe(channel);

    const append = (firstSeq: number, fence: number) =>
      history.append(
        groups.map((group) => batchOf(group, 'e1', firstSeq, 3)),
        fence,
      );
    const appended = (seq: number) =>
      groups.map((group) => ({ group, outcome: 'appended', position: { epoch: 'e1', seq } }));
    expect(await append(1, 5)).toEqual(appended(3));
    await Promise.all(servers.nodes.map(({ client }) => client.script('FLUSH', 'SYNC')));
    expect(await append(4, 6)).toEqual(appended(6));
    expect(await append(4, 6)).toEqual(appended(6));
    expect(await append(7, 5)).toEqual(groups.map((group) => ({ group, outcome: 'fenced', fence: 6 })));

    await waitFor('all messages', () => [...heard.values()].every((seqs) => seqs.length >= 6));
    for (const seqs of heard.values()) expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
    const ranges = await history.newest([...groups, 'unknown'], 2);
    expect(ranges.map(({ group }) => group)).toEqual([...groups, 'unknown']);
    for (const { messages } of ranges.slice(0, -1)) expect(messages).toEqual(publications('e1', 5, 2));
    expect(seqsOf((await history.read('trade.sim.COIN3-USD', wholeRange)).messages)).toEqual([1, 2, 3, 4, 5, 6]);

    const sizes = await Promise.all(servers.nodes.map(({ client }) => client.dbsize()));
    expect(sizes.filter((size) => size > 0)).toHaveLength(3);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(2 * groups.length);
  });

  test('[H35] without hash tags the names of a group lie on different masters, and the append is refused', async () => {
    const history = createRedisHistory({
      client: scriptClientOf(cluster),
      codec: createMessageCodec(),
      prefix: 'untagged',
    });
    await expect(history.append([batchOf('quotes', 'e1', 1, 1)], 1)).rejects.toMatchObject({ code: 'REDIS_REFUSED' });
  });

  test('[H35] the lease and its token counter lie together', async () => {
    const client = scriptClientOf(cluster);
    const [one, two] = ['one', 'two'].map((owner) => createRedisLease({ client, owner, hashTags: true }));
    const token = await one?.acquire();
    expect(await two?.acquire()).toBeUndefined();
    await one?.release();
    expect(await two?.acquire()).toBeGreaterThan(token ?? Number.POSITIVE_INFINITY);
  });
});
