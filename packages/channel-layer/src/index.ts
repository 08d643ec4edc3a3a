export { createClusterShards } from './cluster/cluster-shards.js';
export type { MessageCodec } from './codec/codec.js';
export { createMessageCodec } from './codec/codec.js';
export {
  InvalidHistoryRequest,
  InvalidMessage,
  InvalidName,
  LayerRejected,
  LayerUnavailable,
  RedisRefused,
  RedisUnavailable,
  UnknownChannel,
} from './errors.js';
export { openRedis } from './history/open-redis.js';
export type { RedisHistoryOptions } from './history/redis-history.js';
export { createRedisHistory } from './history/redis-history.js';
export { createRedisLease } from './history/redis-lease.js';
export type { GroupBounds, Retention } from './history/retention.js';
export { createRetention } from './history/retention.js';
export { createScriptClient } from './history/script-client.js';
export type { ScriptClient } from './history/scripts.js';
export type {
  AppendResult,
  GroupBatch,
  GroupPublisher,
  History,
  HistoryRange,
  Lease,
} from './history.js';
export type { GroupLayer, GroupListener, LayerEvent, Message, Unsubscribe } from './layer.js';
export { createMemoryBus } from './memory/memory-bus.js';
export { createMemoryHistory, createMemoryLease } from './memory/memory-history.js';
export { createMemoryLayer } from './memory/memory-layer.js';
export type { OwnCatalog, OwnCatalogOptions } from './publisher/own-catalog.js';
export { openOwnCatalog } from './publisher/own-catalog.js';
export { ChannelTakenOver, createPublishOwn, type PublishOwn } from './publisher/publish-own.js';
export {
  createPublisher,
  PublicationRejected,
  type Publisher,
  type PublisherEvent,
  type PublisherOptions,
} from './publisher/publisher.js';
export { readOwnChannels } from './publisher/read-own-channels.js';
export type { RedisHost } from './redis/hosts.js';
export type { RedisLayer, RedisLayerOptions } from './redis/redis-layer.js';
export { createRedisLayer } from './redis/redis-layer.js';
export { parseRedisUrl, type RedisPlace, redisUrlForms } from './redis/redis-url.js';
export { shardIndex } from './redis/shards.js';
