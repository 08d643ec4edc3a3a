export type { RedisCluster } from './cluster/cluster-shards.js';
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
  PublishResult,
} from './history.js';
export type { GroupLayer, GroupListener, LayerEvent, Message, Unsubscribe } from './layer.js';
export { createMemoryBus } from './memory/memory-bus.js';
export { createMemoryHistory, createMemoryLease } from './memory/memory-history.js';
export { createMemoryLayer } from './memory/memory-layer.js';
export type { RedisHost } from './redis/hosts.js';
export type { RedisLayer, RedisLayerOptions } from './redis/redis-layer.js';
export { createRedisLayer } from './redis/redis-layer.js';
export { shardIndex } from './redis/shards.js';
