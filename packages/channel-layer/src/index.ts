export type { RedisCluster } from './cluster/cluster-shards.js';
export { createClusterShards } from './cluster/cluster-shards.js';
export type { MessageCodec, MessageCodecOptions } from './codec/codec.js';
export { createMessageCodec } from './codec/codec.js';
export type { Serializer } from './codec/serializer.js';
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
export {
  InvalidHistoryRequest,
  RedisOutOfMemory,
  RedisRefused,
  RedisUnavailable,
} from './history/errors.js';
export type { RedisHistoryOptions } from './history/redis-history.js';
export { createRedisHistory } from './history/redis-history.js';
export type { RedisLeaseOptions } from './history/redis-lease.js';
export { createRedisLease } from './history/redis-lease.js';
export type { GroupBounds, Retention, RetentionOptions } from './history/retention.js';
export { createRetention } from './history/retention.js';
export type { RedisCall, RedisCaller } from './history/script-client.js';
export { createScriptClient } from './history/script-client.js';
export type { ScriptClient } from './history/scripts.js';
export type { AppendResult, GroupBatch, GroupPosition, History, HistoryRange, Lease } from './history.js';
export type { GroupLayer, GroupListener, LayerEvent, Message, Unsubscribe } from './layer.js';
export type { CapacityOptions, ChannelCapacity } from './mailbox/capacity.js';
export type { ChannelLayer, Mailboxes } from './mailbox/mailboxes.js';
export type { MemoryBus } from './memory/memory-bus.js';
export { createMemoryBus } from './memory/memory-bus.js';
export type { MemoryHistoryOptions } from './memory/memory-history.js';
export { createMemoryHistory } from './memory/memory-history.js';
export type { MemoryLayerOptions } from './memory/memory-layer.js';
export { createMemoryLayer } from './memory/memory-layer.js';
export { createMemoryLease } from './memory/memory-lease.js';
export { assertChannelName, assertGroupName } from './names.js';
export type { RedisHost, RedisSentinelHost, RedisUrlHost } from './redis/hosts.js';
export type { RedisLayer, RedisLayerOptions } from './redis/redis-layer.js';
export { createRedisLayer } from './redis/redis-layer.js';
export { shardIndex } from './redis/shard.js';
export type { RedisShards, ShardsObserver, ShardsSettings } from './redis/shards.js';
