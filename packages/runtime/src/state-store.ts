import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { RedisLayer } from '@tickwire/channel-layer';

/** Keeps data that a process should not lose in a restart. Losing it costs warm-up time, never correctness. */
export interface StateStore {
  /** Replaces the state kept under this name. */
  save(name: string, state: unknown): Promise<void>;
  /**
   * Undefined when nothing is kept. What cannot be read is put aside for a week: the next state takes its place.
   * @throws UnreadableState
   */
  load(name: string): Promise<unknown>;
}

/** What is kept under a name cannot be read. */
export class UnreadableState extends Error {
  override readonly name = 'UnreadableState';
  readonly code = 'UNREADABLE_STATE';
}

const pack = promisify(gzip);
const unpack = promisify(gunzip);
/** Older state is useless, and a removed symbol should not stay. */
const ttlMs = 7 * 86_400_000;
const maxUnpackedBytes = 16_777_216;

/** In Redis, under `<prefix>:state:<name>`, as gzipped JSON. */
export const createRedisStateStore = (layer: Pick<RedisLayer, 'call'>, prefix: string): StateStore => {
  const keyOf = (name: string): string => `${prefix}:state:${name}`;
  const put = (key: string, bytes: Buffer): Promise<unknown> => layer.call(key, 'SET', [key, bytes, 'PX', ttlMs]);

  return {
    async save(name, state) {
      await put(keyOf(name), await pack(JSON.stringify(state)));
    },
    async load(name) {
      const bytes = await layer.call(keyOf(name), 'GET', [keyOf(name)]);
      if (!Buffer.isBuffer(bytes)) return undefined;
      try {
        return JSON.parse((await unpack(bytes, { maxOutputLength: maxUnpackedBytes })).toString()) as unknown;
      } catch (error) {
        const aside = `${keyOf(name)}:unreadable`;
        await put(aside, bytes);
        throw new UnreadableState(`it cannot be read, and is kept as ${aside} for a week: ${error}`, { cause: error });
      }
    },
  };
};

/** Keeps nothing, for a process without Redis. */
export const createNoStateStore = (): StateStore => ({
  save: () => Promise.resolve(),
  load: () => Promise.resolve(undefined),
});
