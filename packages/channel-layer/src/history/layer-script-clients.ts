import { shardIndex } from '../redis/shard.js';
import { createScriptClient } from './script-client.js';
import type { ScriptClient } from './scripts.js';

/** What of a Redis layer can carry scripts: `RedisLayer.call`, which finds the server by an address. */
export interface AddressedCaller {
  call(address: string, command: string, args: readonly (string | number | Buffer)[]): Promise<unknown>;
}

/**
 * The `shards` of `createRedisHistory` over a layer's own connections, so that both agree on what is reachable. The first
 * one serves for the lease. Whoever made the layer connects and closes it.
 */
export const createLayerScriptClients = (layer: AddressedCaller, hostCount = 1): readonly ScriptClient[] =>
  Array.from({ length: hostCount }, (_, index) => {
    const address = addressOn(index, hostCount);
    return createScriptClient((command, args) => layer.call(address, command, args));
  });

/** An address that lives on this server. No key or channel of that name comes into being. */
const addressOn = (index: number, hostCount: number): string => {
  for (let attempt = 0; ; attempt += 1) {
    const address = `server-${attempt}`;
    if (shardIndex(address, hostCount) === index) return address;
  }
};
