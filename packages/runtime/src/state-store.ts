import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { RedisLayer } from '@tickwire/channel-layer';

/** Keeps data that a process should not lose in a restart. Losing it costs warm-up time, never correctness. */
export interface StateStore {
  /** Replaces the state kept under this name. */
  save(name: string, state: unknown): Promise<void>;
  /** Undefined when nothing is kept, or when it cannot be read. */
  load(name: string): Promise<unknown>;
}

const pack = promisify(gzip);
const unpack = promisify(gunzip);
/** Older state is useless, and a removed symbol should not stay. */
const ttlMs = 7 * 86_400_000;
const maxUnpackedBytes = 16_777_216;

/** In Redis, under `<prefix>:state:<name>`, as gzipped JSON. */
export const createRedisStateStore = (layer: Pick<RedisLayer, 'call'>, prefix: string): StateStore => {
  const keyOf = (name: string): string => `${prefix}:state:${name}`;
  return {
    async save(name, state) {
      const bytes = await pack(JSON.stringify(state));
      await layer.call(keyOf(name), 'SET', [keyOf(name), bytes, 'PX', ttlMs]);
    },
    async load(name) {
      const bytes = await layer.call(keyOf(name), 'GET', [keyOf(name)]);
      if (!Buffer.isBuffer(bytes)) return undefined;
      try {
        return JSON.parse((await unpack(bytes, { maxOutputLength: maxUnpackedBytes })).toString()) as unknown;
      } catch {
        return undefined;
      }
    },
  };
};

/** Keeps nothing, for a process without Redis. */
export const createNoStateStore = (): StateStore => ({
  save: () => Promise.resolve(),
  load: () => Promise.resolve(undefined),
});
