import { createHash, randomBytes } from 'node:crypto';
import { groupAddress } from '../names.js';

/** The Redis names of the history extension and the lease. */
export interface HistoryKeys {
  /** The Redis channel of a group: the one channels_redis' pubsub layer subscribes to, unless hash tags are on. */
  channel(group: string): string;
  history(group: string): string;
  position(group: string): string;
  /** The remembered key of a publication. */
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
  // A hash tag before the group's would count instead, and the names would be in different slots.
  if (hashTags && /[{}]/.test(layerPrefix + prefix)) throw new RangeError('prefixes with hash tags cannot hold braces');
  const tag = hashTags ? (name: string) => `{${name}}` : (name: string) => name;
  return {
    channel: (group) => groupAddress(layerPrefix, group, hashTags),
    history: (group) => `${prefix}:history:${tag(group)}`,
    position: (group) => `${prefix}:position:${tag(group)}`,
    // Next to the position, so that the same permission covers both. A group's name has no colon.
    once: (group, key) => `${prefix}:position:${tag(group)}:once:${key}`,
    lease: (name) => `${prefix}:lease:${tag(name)}`,
    leaseToken: (name) => `${prefix}:lease:${tag(name)}:token`,
    publishCommand: hashTags ? 'SPUBLISH' : 'PUBLISH',
  };
};

/** The stored form of a publication key or its content. 128 bits: short, and enough to be unique. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** A unique epoch: a reader that knows an older one sees that history was lost. */
export const newEpoch = (): string => randomBytes(9).toString('base64url');
