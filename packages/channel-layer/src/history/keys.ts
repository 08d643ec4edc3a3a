import { groupAddress } from '../names.js';

/** Every Redis name of the history extension and the lease is made here. */
export interface HistoryKeys {
  /** The Redis channel of a group: the one channels_redis' pubsub layer subscribes to, unless hash tags are on. */
  channel(group: string): string;
  history(group: string): string;
  position(group: string): string;
  /** What is remembered of a publication with a key of its own. */
  once(group: string, key: string): string;
  lease(name: string): string;
  leaseToken(name: string): string;
  /** Sharded with hash tags: a cluster then carries a message to one node, not to all. Needs Redis 7. */
  readonly publishCommand: 'PUBLISH' | 'SPUBLISH';
}

export interface HistoryKeyOptions {
  /** channels_redis' `prefix`. @default 'asgi' */
  readonly layerPrefix?: string;
  /** @default 'tickwire' */
  readonly prefix?: string;
  /**
   * For Redis Cluster: all names of one group hash to one slot, and a script may touch them together. Django apps do not
   * know these names. @default false
   */
  readonly hashTags?: boolean;
}

export const createHistoryKeys = (options: HistoryKeyOptions = {}): HistoryKeys => {
  const { layerPrefix = 'asgi', prefix = 'tickwire', hashTags = false } = options;
  // A hash tag in front of the group's would be the one that counts, and the names would not lie together.
  if (hashTags && /[{}]/.test(layerPrefix + prefix)) throw new RangeError('prefixes with hash tags cannot hold braces');
  const tag = hashTags ? (name: string) => `{${name}}` : (name: string) => name;
  return {
    channel: (group) => groupAddress(layerPrefix, group, hashTags),
    history: (group) => `${prefix}:history:${tag(group)}`,
    position: (group) => `${prefix}:position:${tag(group)}`,
    // Beside the position: who may write the one may write the other. A group's name holds no colon.
    once: (group, key) => `${prefix}:position:${tag(group)}:once:${key}`,
    lease: (name) => `${prefix}:lease:${tag(name)}`,
    leaseToken: (name) => `${prefix}:lease:${tag(name)}:token`,
    publishCommand: hashTags ? 'SPUBLISH' : 'PUBLISH',
  };
};
