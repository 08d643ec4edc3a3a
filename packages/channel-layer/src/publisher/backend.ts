import { openRedis } from '../history/open-redis.js';
import type { GroupPublisher, History } from '../history.js';
import type { GroupLayer } from '../layer.js';
import { parseRedisUrl, type RedisPlace, redisUrlForms } from '../redis/redis-url.js';

/** Where a publisher publishes. */
export interface BackendOptions {
  /** As `REDIS_URL` of the gateways. @default 'redis://localhost:6379' */
  readonly url?: string;
  /** The same in parts, for certificates that a URL cannot hold; or an open layer with its history, which stay open. */
  readonly redis?: RedisPlace | PublisherBackend;
  /** As `REDIS_PREFIX`. @default 'tickwire' */
  readonly prefix?: string;
  /** As `LAYER_PREFIX`. @default 'asgi' */
  readonly layerPrefix?: string;
  /** As `LAYER_ENCRYPTION_KEYS`. @default none */
  readonly encryptionKeys?: readonly string[];
  /** As `LAYER_SERIALIZER`. @default 'msgpack' */
  readonly serializer?: 'msgpack' | 'json';
}

export interface PublisherBackend {
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
}

export interface OpenBackend {
  readonly backend: PublisherBackend;
  close(): Promise<void>;
}

export const openBackend = (options: BackendOptions): Promise<OpenBackend> => {
  const { redis, url = 'redis://localhost:6379', prefix, layerPrefix, encryptionKeys, serializer } = options;
  if (redis !== undefined && options.url !== undefined) throw new RangeError('redis and url are two places: give one');
  if (redis !== undefined && 'layer' in redis) return Promise.resolve({ backend: redis, close: async () => {} });
  const place = redis ?? parseRedisUrl(url);
  if (place === undefined) throw new RangeError(`url must be ${redisUrlForms}`);
  return openRedis({
    place,
    ...(prefix !== undefined && { prefix }),
    ...(layerPrefix !== undefined && { layerPrefix }),
    ...(encryptionKeys !== undefined && { encryptionKeys }),
    ...(serializer !== undefined && { serializer }),
  }).then((backend) => ({ backend, close: () => backend.layer.close() }));
};
