import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClusterShards, createRedisLayer, type LayerEvent, LayerUnavailable } from '@tickwire/channel-layer';
import {
  batchOf,
  createCollector,
  describeLayerContract,
  freshName,
  historyContract,
  publications,
  seqsOf,
  wholeRange,
} from '@tickwire/channel-layer/testing';
import { hashSlot } from '../../packages/channel-layer/src/cluster/cluster-slots.js';
import { freePort } from '../support/free-port.js';
import { migrateLogin } from '../support/limited-users.js';
import { type ClusterMember, type RedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { openClusterHistory, openClusterLayer } from '../support/redis-cluster-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

describeLayerContract('the Redis layer on a cluster', (options) => openClusterLayer(cluster, options));

historyContract('the Redis history on a cluster', (options) => openClusterHistory(cluster, options), {
  isCluster: true,
});

const subscribersOn = async ({ client }: ClusterMember, address: string): Promise<number> =>
  Number(((await client.call('PUBSUB', 'SHARDNUMSUB', address)) as unknown[])[1]);

const other = (owner: number): ClusterMember => cluster.nodes[(owner + 1) % 3] as ClusterMember;

describe('where groups live in a cluster', () => {
  test('[L30] names have the slots that Redis gives them', async () => {
    for (const name of [
      '',
      'quotes',
      '{quotes}',
      'a{b}c',
      'a{}c',
      'a{b',
      '}{a}',
      '{a}{b}',
      '{{a}}',
      'é{ü}',
      freshName('x'),
    ]) {
      expect([name, hashSlot(name)]).toEqual([name, await cluster.nodes[0]?.client.cluster('KEYSLOT', name)]);
    }
  });

  test('[L30] groups spread over the masters, each with its subscription on the owner of its slot, under the history’s name', async () => {
    await using layer = await openClusterLayer(cluster, { prefix: 'place' });
    const groups = Array.from({ length: 20 }, (_, index) => `trade.sim.COIN${index}-USD`);
    const heard = createCollector<unknown>();
    for (const group of groups) await layer.groupListen(group, ({ group: name }) => heard.add(name));
    const owners = new Set<number>();
    for (const group of groups) {
      const owner = await cluster.ownerOf(`{${group}}`);
      owners.add(owner);
      const counts = await Promise.all(cluster.nodes.map((node) => subscribersOn(node, `place__group__{${group}}`)));
      expect(counts).toEqual([0, 1, 2].map((node) => (node === owner ? 1 : 0)));
    }
    expect(owners.size).toBe(3);
    for (const group of groups) await layer.groupSend(group, { type: 't', group });
    await heard.reached(groups.length);
    expect([...heard.items].sort()).toEqual([...groups].sort());
  });

  test('[L30] the last one to leave takes the subscription with it', async () => {
    const group = freshName('group');
    await using layer = await openClusterLayer(cluster, { prefix: 'left' });
    const owner = cluster.nodes[await cluster.ownerOf(`{${group}}`)] as ClusterMember;
    const leave = await layer.groupListen(group, () => {});
    expect(await subscribersOn(owner, `left__group__{${group}}`)).toBe(1);
    await leave();
    expect(await subscribersOn(owner, `left__group__{${group}}`)).toBe(0);
  });

  test('[L33] one seed of several is enough; without any, or without a cluster behind it, connecting is refused', async () => {
    const gone = { host: '127.0.0.1', port: await freePort() };
    const seeds = [gone, ...cluster.nodes.slice(2)];
    await using layer = await openClusterLayer(cluster, { newShards: createClusterShards({ seeds }) });
    await layer.groupListen('group', () => {});
    const refused = (seed: { host: string; port: number }): Promise<unknown> =>
      createRedisLayer({ newShards: createClusterShards({ seeds: [seed], password: 'secret' }) })
        .connect()
        .catch((error: unknown) => error);
    const nobody = await refused(gone);
    expect(nobody).toBeInstanceOf(LayerUnavailable);
    expect(String(nobody)).toContain(`cannot connect to Redis at 127.0.0.1:${gone.port}: connection refused`);
    await using single = await startRedisServer({ args: ['--requirepass', 'secret'] });
    const alone = await refused({ host: '127.0.0.1', port: single.port });
    expect(alone).toBeInstanceOf(LayerUnavailable);
    expect(String(alone)).toMatch(/does not give its slots: .*cluster support disabled/);
    await using empty = await startRedisServer({
      args: ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort()), '--requirepass', 'secret'],
    });
    expect(String(await refused({ host: '127.0.0.1', port: empty.port }))).toContain('no master for 16384 of its');
    expect(() => createClusterShards({ seeds: [] })).toThrow('seeds');
    expect(() => createRedisLayer({ prefix: '{x}', newShards: createClusterShards({ seeds }) })).toThrow('braces');
  });
});

describe('a subscriber connection to one master that is cut', () => {
  test('[L31] [L18] is lost and restored for the groups of that master only', async () => {
    await using layer = await openClusterLayer(cluster);
    const groups = Array.from({ length: 12 }, () => freshName('group'));
    const heard = createCollector<unknown>();
    for (const group of groups) await layer.groupListen(group, () => heard.add(group));
    const owners = await Promise.all(groups.map((group) => cluster.ownerOf(`{${group}}`)));
    const cut = groups.filter((_, index) => owners[index] === owners[0]).sort();
    const events = createCollector<LayerEvent>();
    layer.onEvent(events.add);
    await cluster.nodes[owners[0] as number]?.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await events.reached(2);
    const reported = events.items.map((event) => [event.type, 'groups' in event ? [...event.groups].sort() : []]);
    expect(reported).toEqual([
      ['lost', cut],
      ['restored', cut],
    ]);
    for (const group of groups) await layer.groupSend(group, { type: 't' });
    await heard.reached(groups.length);
    expect([...heard.items].sort()).toEqual([...groups].sort());
  });
});

describe('a cluster that rejects a client that was there before', () => {
  const setUser = async (state: 'on' | 'off'): Promise<void> => {
    for (const { client } of cluster.nodes) await client.call('ACL', 'SETUSER', 'default', state);
  };

  test('[L176] is reported with that reason, by each node whose groups are lost, and all are restored', async () => {
    await using layer = await openClusterLayer(cluster);
    const groups = Array.from({ length: 12 }, () => freshName('group'));
    for (const group of groups) await layer.groupListen(group, () => {});
    const lost = createCollector<string>();
    const restored = createCollector<string>();
    layer.onEvent((event) => {
      if (event.type === 'lost' && event.groups.length === 0) lost.add(event.reason);
      if (event.type === 'restored') for (const group of event.groups) restored.add(group);
    });
    await setUser('off');
    try {
      for (const { client } of cluster.nodes) await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await lost.reached(3);
    } finally {
      await setUser('on');
    }
    await restored.reached(groups.length);
    expect(new Set(lost.items).size).toBe(3);
    for (const reason of lost.items) expect(reason).toMatch(/password required|wrong username or password/);
    expect([...restored.items].sort()).toEqual([...groups].sort());
  });
});

describe('a slot that moves', () => {
  test('[L31] is lost for its own groups only, and restored on its new master; nothing else notices', async () => {
    // The periodic question must not be what finds it out.
    const newShards = createClusterShards({ seeds: cluster.nodes, refreshMs: 60_000 });
    await using layer = await openClusterLayer(cluster, { newShards });
    const [moving, staying] = [freshName('moving'), freshName('staying')];
    const heard = createCollector<string>();
    for (const group of [moving, staying]) await layer.groupListen(group, ({ n }) => heard.add(`${group} ${n}`));
    const events = createCollector<LayerEvent>();
    layer.onEvent(events.add);
    const owner = await cluster.ownerOf(`{${moving}}`);
    await cluster.moveSlot(`{${moving}}`, other(owner));
    await events.reached(2);
    expect(events.items).toMatchObject([
      { type: 'lost', groups: [moving] },
      { type: 'restored', groups: [moving] },
    ]);
    expect(await subscribersOn(other(owner), `asgi__group__{${moving}}`)).toBe(1);
    for (const group of [moving, staying]) await layer.groupSend(group, { type: 't', n: 1 });
    await heard.reached(2);
    await cluster.moveSlot(`{${moving}}`, cluster.nodes[owner] as ClusterMember);
    await events.reached(4);
    await layer.groupSend(moving, { type: 't', n: 2 });
    await heard.reached(3);
    expect([...heard.items].sort()).toEqual([`${moving} 1`, `${moving} 2`, `${staying} 1`].sort());
  });

  test('[L32] what goes to its old master is sent again to the new one, in order and once, and nobody hears of it', async () => {
    const newShards = createClusterShards({ seeds: cluster.nodes, refreshMs: 60_000 });
    await using writer = await openClusterLayer(cluster, { newShards });
    await using reader = await openClusterLayer(cluster);
    const group = freshName('group');
    const owner = await cluster.ownerOf(`{${group}}`);
    const heard = createCollector<unknown>();
    await reader.groupListen(group, ({ n }) => heard.add(n));
    const restored = createCollector<LayerEvent>();
    reader.onEvent((event) => event.type === 'restored' && restored.add(event));
    await cluster.moveSlot(`{${group}}`, other(owner));
    await restored.reached(1);
    const sent = Array.from({ length: 200 }, (_, n) => writer.groupSend(group, { type: 't', n }));
    await Promise.all(sent);
    await heard.reached(200);
    expect(heard.items).toEqual(Array.from({ length: 200 }, (_, n) => n));
    await cluster.moveSlot(`{${group}}`, cluster.nodes[owner] as ClusterMember);
  });

  test('[L32] a first subscription on its old master goes to the new one', async () => {
    const newShards = createClusterShards({ seeds: cluster.nodes, refreshMs: 60_000 });
    await using layer = await openClusterLayer(cluster, { newShards });
    const group = freshName('group');
    const owner = await cluster.ownerOf(`{${group}}`);
    await cluster.moveSlot(`{${group}}`, other(owner));
    const heard = createCollector<unknown>();
    await layer.groupListen(group, heard.add);
    await layer.groupSend(group, { type: 't' });
    await heard.reached(1);
    await cluster.moveSlot(`{${group}}`, cluster.nodes[owner] as ClusterMember);
  });

  test('[H36] history goes with it: before, during and after the move nothing is lost or doubled', async () => {
    await using harness = await openClusterHistory(cluster);
    const { history, prefix } = harness;
    // A slot with nothing else in it: only the last key of a slot lets go of it.
    const group = freshName('quotes');
    const key = `${prefix}:history:{${group}}`;
    const owner = await cluster.ownerOf(key);
    const from = cluster.nodes[owner] as ClusterMember;
    const to = other(owner);
    const slot = hashSlot(key);
    await history.append([batchOf(group, 'e1', 1, 3)], 1);

    // Half-way: the keys are over there, the slot is still here, and says ASK.
    await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    const keys = [key, `${prefix}:position:{${group}}`];
    await from.client.call('MIGRATE', to.host, to.port, '', 0, 5_000, ...migrateLogin(), 'KEYS', ...keys);
    expect(await history.append([batchOf(group, 'e1', 4, 2)], 1)).toMatchObject([{ outcome: 'appended' }]);
    expect(seqsOf((await history.read(group, wholeRange)).messages)).toEqual([1, 2, 3, 4, 5]);

    for (const { client } of [to, from]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    expect(await history.append([batchOf(group, 'e1', 6, 2)], 1)).toMatchObject([{ outcome: 'appended' }]);
    expect((await history.newest([group], 9))[0]?.messages).toEqual(publications('e1', 1, 7));
    await cluster.moveSlot(key, from);
    await waitFor('the history back at home', async () => (await from.client.exists(key)) === 1);
    expect((await history.newest([group], 9))[0]?.messages).toEqual(publications('e1', 1, 7));
  });
});
