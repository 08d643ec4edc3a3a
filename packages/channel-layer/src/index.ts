export type { CapacityOptions, ChannelCapacity } from './capacity.js';
export type { MessageCodec, MessageCodecOptions, Serializer } from './codec.js';
export { createMessageCodec } from './codec.js';
export type { PoisonReason } from './errors.js';
export {
  ChannelFull,
  ChannelReleased,
  InvalidMessage,
  InvalidName,
  LayerClosed,
  LayerUnavailable,
  PoisonMessage,
  SerializerDoesNotExist,
  UnknownChannel,
} from './errors.js';
export { createClusterScriptClient } from './history/cluster-script-client.js';
export {
  InvalidHistoryRequest,
  RedisOutOfMemory,
  RedisRefused,
  RedisUnavailable,
} from './history/errors.js';
export { createLayerScriptClients } from './history/layer-script-clients.js';
export type { MemoryHistoryOptions } from './history/memory-history.js';
export { createMemoryHistory } from './history/memory-history.js';
export { createMemoryLease } from './history/memory-lease.js';
export type { RedisHistoryOptions } from './history/redis-history.js';
export { createRedisHistory } from './history/redis-history.js';
export type { RedisLeaseOptions } from './history/redis-lease.js';
export { createRedisLease } from './history/redis-lease.js';
export type { RedisCall } from './history/script-client.js';
export { createScriptClient } from './history/script-client.js';
export type { ScriptClient } from './history/scripts.js';
export type { AppendResult, GroupBatch, GroupPosition, History, HistoryRange, Lease } from './history.js';
export type { ChannelLayer, GroupListener, LayerEvent, Message, Unsubscribe } from './layer.js';
export type { MemoryBus } from './memory-bus.js';
export { createMemoryBus } from './memory-bus.js';
export type { MemoryLayerOptions } from './memory-layer.js';
export { createMemoryLayer } from './memory-layer.js';
export { assertChannelName, assertGroupName } from './names.js';
export type { RedisCluster } from './redis/cluster-shards.js';
export { createClusterShards } from './redis/cluster-shards.js';
export type { RedisHost, RedisSentinelHost, RedisUrlHost } from './redis/hosts.js';
export type { RedisShards, ShardsObserver, ShardsSettings } from './redis/shards.js';
export type { RedisLayer, RedisLayerOptions } from './redis-layer.js';
export { createRedisLayer } from './redis-layer.js';
export { shardIndex } from './shard.js';
