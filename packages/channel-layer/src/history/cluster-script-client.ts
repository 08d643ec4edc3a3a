import type { AddressedCaller } from './layer-script-clients.js';
import { createScriptClient } from './script-client.js';
import type { ScriptClient } from './scripts.js';

/**
 * The one `shards` entry of `createRedisHistory` with `hashTags`, and the `client` of the lease, over the connections of a
 * layer on a Redis Cluster: a script runs on the master of its keys. Whoever made the layer connects and closes it.
 */
export const createClusterScriptClient = (layer: AddressedCaller): ScriptClient =>
  // [script, number of keys, first key, …]: the other keys lie in the same slot.
  createScriptClient((command, args) => layer.call(String(args[2]), command, args));
