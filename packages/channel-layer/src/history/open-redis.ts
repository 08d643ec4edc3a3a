import { createClusterShards } from '../cluster/cluster-shards.js';
import { createMessageCodec, type MessageCodecOptions } from '../codec/codec.js';
import type { GroupPublisher, History } from '../history.js';
import { type AwaitedLayer, openAwaitedLayer } from '../redis/awaited-layer.js';
import { createRedisLayer } from '../redis/redis-layer.js';
import type { RedisPlace } from '../redis/redis-url.js';
import { createRedisHistory, type RedisHistoryOptions } from './redis-history.js';
import { createScriptClient } from './script-client.js';
import type { ScriptClient } from './scripts.js';

export interface OpenRedisOptions
  extends MessageCodecOptions,
    Pick<RedisHistoryOptions, 'prefix' | 'layerPrefix' | 'retention' | 'onBadEntry'> {
  readonly place: RedisPlace;
}

export interface OpenRedis {
  readonly layer: AwaitedLayer;
  readonly history: History & GroupPublisher;
  readonly client: ScriptClient;
  /** The names of a group are in one slot. */
  readonly hashTags: boolean;
}

/**
 * Opens the layer in Redis and its history, over the same connections. A Redis that is away is waited for: until then the
 * layer counts as lost.
 * @throws LayerRejected when a server answers and rejects this client.
 */
export const openRedis = async ({ place, ...options }: OpenRedisOptions): Promise<OpenRedis> => {
  const { prefix, layerPrefix, retention, onBadEntry, ...codecOptions } = options;
  const hashTags = 'cluster' in place;
  const create = () =>
    createRedisLayer({
      ...(layerPrefix !== undefined && { prefix: layerPrefix }),
      ...codecOptions,
      ...('cluster' in place ? { newShards: createClusterShards(place.cluster) } : place),
    });
  const layer = await openAwaitedLayer({ create });
  const client = createScriptClient(layer);
  const history = createRedisHistory({
    client,
    codec: createMessageCodec(codecOptions),
    hashTags,
    ...(layerPrefix !== undefined && { layerPrefix }),
    ...(prefix !== undefined && { prefix }),
    ...(retention && { retention }),
    ...(onBadEntry && { onBadEntry }),
  });
  return { layer, history, client, hashTags };
};
