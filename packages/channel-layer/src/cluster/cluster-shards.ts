import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { RedisShards, ShardsObserver, ShardsSettings } from '../redis/shards.js';
import { createClusterLanes } from './cluster-lanes.js';
import { createClusterNodes } from './cluster-nodes.js';
import { hashSlot } from './cluster-slots.js';
import { createClusterSubscriptions } from './cluster-subscriptions.js';

/** A Redis Cluster, 7.0 or newer. */
export interface RedisCluster {
  /** Some of its nodes; one of them must answer, and names the others. */
  readonly seeds: readonly { readonly host: string; readonly port?: number }[];
  /** The same for all nodes. */
  readonly username?: string;
  readonly password?: string;
  /** `{}` for default TLS settings. */
  readonly tls?: TlsOptions;
  /** How often the slots are requested while all is well; at once when something is wrong. @default 5_000 */
  readonly refreshMs?: number;
}

/**
 * The `newShards` of a layer on a cluster: sharded pub/sub, each address on the master of its slot. A group's name is
 * its hash tag, so that it is in one slot with its history (`hashTags`); Django apps do not know these names.
 */
export const createClusterShards = (
  cluster: RedisCluster,
): ((observer: ShardsObserver, settings: ShardsSettings) => RedisShards) => {
  const { seeds, refreshMs = 5_000, ...access } = cluster;
  if (seeds.length === 0 || seeds.some(({ host }) => !host)) {
    throw new RangeError('a Redis Cluster needs seeds: [{ host, port }]');
  }
  const labels = seeds.map(({ host, port = 6_379 }) => `${host}:${port}`);

  return (observer, settings) => {
    const nodes = createClusterNodes({ ...access, seeds: labels, refreshMs }, settings, {
      // The layer subscribes only to ASCII names, and latin1 is the cheapest decoding.
      onMessage: (address, payload) => observer.onMessage(address.toString('latin1'), payload),
      onSubscriberDown: (node, reason) => subscriptions.onDown(node, reason),
      onRejected: (node, reason) => subscriptions.onRejected(node, reason),
      onWithdrawn: (node, held) => subscriptions.onWithdrawn(node, held),
      onChange: () => subscriptions.settle(),
      isSettled: () => subscriptions.isSettled,
    });
    const { onLost, onRestored } = observer;
    const subscriptions = createClusterSubscriptions({ nodes, onLost, onRestored, now: settings.now });
    const lanes = createClusterLanes(nodes, settings.maxPending);

    return {
      hashTags: true,
      connect: nodes.connect,
      publish: (address, payload) => lanes.run(hashSlot(address), (connection) => connection.publish(address, payload)),
      subscribe: subscriptions.subscribe,
      unsubscribe: subscriptions.unsubscribe,
      call: (address, command, args) => lanes.run(hashSlot(address), (connection) => connection.call(command, args)),
      read: (address, command, args) =>
        lanes.run(hashSlot(address), (connection) => connection.call(command, args), 'reader'),
      partOf: hashSlot,
      close: nodes.close,
    };
  };
};
