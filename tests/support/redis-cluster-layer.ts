import { randomUUID } from 'node:crypto';
import {
  createClusterShards,
  createMessageCodec,
  createRedisHistory,
  createRedisLayer,
  createScriptClient,
  type RedisHistoryOptions,
  type RedisLayer,
  type RedisLayerOptions,
} from '@tickwire/channel-layer';
import type { HistoryHarness } from '@tickwire/channel-layer/testing';
import type { RedisCluster } from './redis-cluster.js';
import { ageKeys } from './redis-history.js';
import { waitFor } from './wait-for.js';

/** A connected layer on the cluster that reconnects quickly. */
export const openClusterLayer = async (
  cluster: RedisCluster,
  options: RedisLayerOptions = {},
): Promise<RedisLayer & AsyncDisposable> => {
  const newShards = createClusterShards({ seeds: cluster.nodes, refreshMs: 200 });
  const layer = createRedisLayer({ maxReconnectMs: 50, newShards, ...options });
  await layer.connect();
  return { ...layer, [Symbol.asyncDispose]: () => layer.close() };
};

export interface ClusterHistoryHarness extends HistoryHarness {
  readonly layer: RedisLayer;
  readonly prefix: string;
  readonly layerPrefix: string;
}

/** A history over the connections of a layer on the cluster, with names of its own. */
export const openClusterHistory = async (
  cluster: RedisCluster,
  options: Partial<RedisHistoryOptions> = {},
): Promise<ClusterHistoryHarness> => {
  const prefix = `history-${randomUUID()}`;
  const layerPrefix = `layer-${randomUUID()}`;
  const codec = createMessageCodec();
  const layer = await openClusterLayer(cluster, { prefix: layerPrefix });
  const client = createScriptClient(layer);
  const newHistory = async (): Promise<HistoryHarness['history']> =>
    createRedisHistory({ client, codec, prefix, layerPrefix, hashTags: true, ...options });
  const history = await newHistory().catch(async (error: unknown) => {
    await layer.close();
    throw error;
  });
  const barriers = new Map<string, { heard: number; sent: number }>();
  return {
    history,
    layer,
    prefix,
    layerPrefix,
    async listen(group, listener) {
      const barrier = barriers.get(group) ?? { heard: 0, sent: 0 };
      barriers.set(group, barrier);
      await layer.groupListen(group, (message) => {
        if (message.type === 'barrier') barrier.heard = Number(message['sent']);
        else listener(message);
      });
    },
    async settled() {
      // All arrive on one connection from one node: when the barrier has arrived, so has everything published before.
      for (const [group, barrier] of barriers) {
        barrier.sent += 1;
        await layer.groupSend(group, { type: 'barrier', sent: barrier.sent });
      }
      await waitFor('all barriers', () => [...barriers.values()].every(({ heard, sent }) => heard >= sent));
    },
    async expireMessages() {
      for (const { client } of cluster.nodes) {
        for (const key of await client.keys(`${prefix}:history:*`)) await client.del(key);
      }
    },
    async elapse(ms) {
      for (const { client } of cluster.nodes) await ageKeys(client, `${prefix}:*`, ms);
    },
    [Symbol.asyncDispose]: () => layer.close(),
  };
};
