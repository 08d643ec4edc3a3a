import { describe, expect, test } from '@jest/globals';
import { type LayerEvent, LayerUnavailable } from '@tickwire/channel-layer';
import {
  batchOf,
  type Collector,
  createCollector,
  freshName,
  publications,
  wholeRange,
} from '@tickwire/channel-layer/testing';
import { type ClusterMember, type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { openClusterHistory, openClusterLayer } from '../support/redis-cluster-layer.js';
import { waitFor } from '../support/wait-for.js';

const deadlineMs = 30_000;

const groupsByOwner = async (cluster: RedisCluster, count: number): Promise<string[][]> => {
  const byOwner: string[][] = [[], [], []];
  while (byOwner.some((groups) => groups.length < count)) {
    const group = freshName('group');
    const owned = byOwner[await cluster.ownerOf(`{${group}}`)];
    if (owned !== undefined && owned.length < count) owned.push(group);
  }
  return byOwner;
};

const groupsOf = (events: Collector<LayerEvent>, type: 'lost' | 'restored'): string[] =>
  events.items.flatMap((event) => (event.type === type ? event.groups : [])).sort();

const isMaster = async ({ client }: ClusterMember): Promise<boolean> =>
  /role:master/.test(await client.info('replication'));

describe('a master that dies', () => {
  test('[L31] [L19] its groups are lost at once, restored on its replica, and the others never notice', async () => {
    await using cluster = await startRedisCluster({ replicas: true });
    await using layer = await openClusterLayer(cluster);
    const byOwner = await groupsByOwner(cluster, 5);
    const [dying = [], ...others] = byOwner;
    const heard = createCollector<unknown>();
    for (const group of byOwner.flat()) await layer.groupListen(group, ({ n }) => heard.add(`${group} ${n}`));
    const channel = await layer.newChannel();
    const events = createCollector<LayerEvent>();
    layer.onEvent(events.add);

    await cluster.nodes[0]?.server.stop('SIGKILL');
    await events.reached(1);
    expect(groupsOf(events, 'lost')).toEqual([...dying].sort());
    // At once, though the cluster needs a while to notice.
    await expect(layer.groupSend(dying[0] as string, { type: 't' })).rejects.toThrow(LayerUnavailable);
    await expect(layer.groupListen(dying[0] as string, () => {})).rejects.toThrow(LayerUnavailable);

    await waitFor('all of them to be restored', () => groupsOf(events, 'restored').length === 5, deadlineMs);
    expect(groupsOf(events, 'lost')).toEqual([...dying].sort());
    expect(groupsOf(events, 'restored')).toEqual([...dying].sort());
    for (const group of [...dying, ...others.flat()]) await layer.groupSend(group, { type: 't', n: 1 });
    await heard.reached(15);
    expect([...heard.items].sort()).toEqual(
      byOwner
        .flat()
        .map((group) => `${group} 1`)
        .sort(),
    );
    await layer.send(channel, { type: 'mine' });
    expect(await layer.receive(channel)).toEqual({ type: 'mine' });

    // It comes back as a replica of its own: that changes nothing.
    const before = events.items.length;
    await cluster.nodes[0]?.server.start();
    const returned = cluster.nodes[0] as ClusterMember;
    await waitFor('it to follow', async () => !(await isMaster(returned).catch(() => true)), deadlineMs);
    for (const group of byOwner.flat()) await layer.groupSend(group, { type: 't', n: 2 });
    await heard.reached(30);
    expect(events.items).toHaveLength(before);
  });

  test('[H36] history is out of reach until its replica takes over, and goes on where that one is', async () => {
    await using cluster = await startRedisCluster({ replicas: true });
    await using harness = await openClusterHistory(cluster);
    const { history } = harness;
    const [[dying = ''] = [], [other = ''] = []] = await groupsByOwner(cluster, 1);
    const both = (firstSeq: number) => [batchOf(dying, 'e1', firstSeq, 2), batchOf(other, 'e1', firstSeq, 2)];
    await history.append(both(1), 1);
    // What the replica has it keeps; what it has not heard of yet is missing behind it.
    expect(await cluster.nodes[0]?.client.wait(1, 5_000)).toBe(1);
    await cluster.nodes[0]?.server.stop('SIGKILL');
    await expect(history.append(both(3), 1)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await expect(history.read(dying, wholeRange)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });

    const failures = new Set<unknown>();
    const results = await waitFor(
      'the append to be taken',
      () => history.append(both(3), 1).catch((error: { code: string }) => void failures.add(error.code)),
      deadlineMs,
    );
    expect([...failures]).toEqual(['REDIS_UNAVAILABLE']);
    expect(results).toMatchObject([{ outcome: 'appended' }, { outcome: 'appended' }]);
    for (const { messages } of await history.newest([dying, other], 9))
      expect(messages).toEqual(publications('e1', 1, 4));
  });
});

describe('a master that hands over', () => {
  test('[L31] CLUSTER FAILOVER: its groups are lost and restored on the new master, though the old one lives on', async () => {
    await using cluster = await startRedisCluster({ replicas: true });
    await using layer = await openClusterLayer(cluster);
    const byOwner = await groupsByOwner(cluster, 3);
    const heard = createCollector<unknown>();
    for (const group of byOwner.flat()) await layer.groupListen(group, () => heard.add(group));
    const events = createCollector<LayerEvent>();
    layer.onEvent(events.add);
    const [successor] = cluster.replicas;
    await successor?.client.call('CLUSTER', 'FAILOVER');
    // The old master, a replica by then, may take the subscriptions once more before the layer knows of the new one:
    // that move is reported too.
    const held = async () => (await successor?.client.call('PUBSUB', 'SHARDCHANNELS')) as unknown[];
    await waitFor('the new master to have them', async () => (await held()).length === 3, deadlineMs);
    await waitFor(
      'all of them to be restored',
      () => groupsOf(events, 'restored').length === groupsOf(events, 'lost').length,
      deadlineMs,
    );
    expect(new Set(groupsOf(events, 'lost'))).toEqual(new Set(byOwner[0]));
    expect(groupsOf(events, 'restored')).toEqual(groupsOf(events, 'lost'));
    for (const group of byOwner.flat()) await layer.groupSend(group, { type: 't' });
    await heard.reached(9);
    expect([...heard.items].sort()).toEqual(byOwner.flat().sort());
  });

  test('[L31] a master that hangs is left for its successor', async () => {
    await using cluster = await startRedisCluster({ replicas: true });
    await using layer = await openClusterLayer(cluster, { pingMs: 300 });
    const [[group = ''] = []] = await groupsByOwner(cluster, 1);
    const heard = createCollector<unknown>();
    await layer.groupListen(group, heard.add);
    const events = createCollector<LayerEvent>();
    layer.onEvent(events.add);
    const hanging = cluster.nodes[0] as ClusterMember;
    process.kill(hanging.server.pid, 'SIGSTOP');
    await waitFor('the group to be restored', () => groupsOf(events, 'restored').length === 1, deadlineMs);
    process.kill(hanging.server.pid, 'SIGCONT');
    await waitFor('it to follow', async () => !(await isMaster(hanging).catch(() => true)), deadlineMs);
    await layer.groupSend(group, { type: 't' });
    await heard.reached(1);
    expect(groupsOf(events, 'lost')).toEqual(groupsOf(events, 'restored'));
  });
});
