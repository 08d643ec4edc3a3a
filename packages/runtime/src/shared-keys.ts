import type { RedisLayer } from '@tickwire/channel-layer';

/** Small values that all processes share, each with a time to live. */
export interface SharedKeys {
  /** Sets the value if the key has none; otherwise returns the existing one. Of many concurrent calls one sets it. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Removes the key if it still has this value. */
  remove(key: string, value: string): Promise<void>;
}

/** In Redis, under `<prefix>:<key>`. */
export const createRedisSharedKeys = (layer: Pick<RedisLayer, 'call'>, prefix: string): SharedKeys => {
  const call = (command: string, key: string, ...args: (string | number)[]): Promise<unknown> =>
    layer.call(`${prefix}:${key}`, command, [`${prefix}:${key}`, ...args]);

  const get = async (key: string): Promise<string | undefined> => {
    const value = await call('GET', key);
    return Buffer.isBuffer(value) ? value.toString() : undefined;
  };

  return {
    async setIfAbsent(key, value, ttlMs) {
      for (;;) {
        if ((await call('SET', key, value, 'NX', 'PX', ttlMs)) !== null) return undefined;
        const held = await get(key);
        // It may have expired between the two commands; then it is free again.
        if (held !== undefined) return held;
      }
    },
    async set(key, value, ttlMs) {
      await call('SET', key, value, 'PX', ttlMs);
    },
    async remove(key, value) {
      if ((await get(key)) === value) await call('DEL', key);
    },
  };
};

/** Calls back once after `delayMs`; returns a function that cancels it. */
type After = (delayMs: number, callback: () => void) => () => void;

const afterTimeout: After = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
};

/** For a single process. */
export const createMemorySharedKeys = (after: After = afterTimeout): SharedKeys => {
  const held = new Map<string, { readonly value: string; readonly forget: () => void }>();

  const remove = (key: string): void => {
    held.get(key)?.forget();
    held.delete(key);
  };
  const put = (key: string, value: string, ttlMs: number): void => {
    remove(key);
    held.set(key, { value, forget: after(ttlMs, () => held.delete(key)) });
  };

  return {
    async setIfAbsent(key, value, ttlMs) {
      const { value: there } = held.get(key) ?? {};
      if (there === undefined) put(key, value, ttlMs);
      return there;
    },
    async set(key, value, ttlMs) {
      put(key, value, ttlMs);
    },
    async remove(key, value) {
      if (held.get(key)?.value === value) remove(key);
    },
  };
};
