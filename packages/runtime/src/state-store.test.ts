import { describe, expect, it } from '@jest/globals';
import { createRedisStateStore, UnreadableState } from './state-store.js';

const weekMs = 7 * 86_400_000;

/** The two commands that a store needs of a Redis, with the time to live of each key. */
const createKeys = () => {
  const keys = new Map<string, Buffer>();
  const ttls = new Map<string, unknown>();
  const call = async (_address: string, command: string, [key, value, , ttl]: readonly unknown[]): Promise<unknown> => {
    if (command === 'GET') return keys.get(String(key)) ?? null;
    keys.set(String(key), value as Buffer);
    ttls.set(String(key), ttl);
    return 'OK';
  };
  return { keys, ttls, store: createRedisStateStore({ call: call as never }, 'tickwire') };
};

describe('the state store', () => {
  it('[R44] returns what was saved, and nothing where nothing was', async () => {
    const { store, ttls } = createKeys();
    await store.save('a', { learnt: [1, 2] });
    expect(await store.load('a')).toEqual({ learnt: [1, 2] });
    expect(await store.load('b')).toBeUndefined();
    expect(ttls.get('tickwire:state:a')).toBe(weekMs);
  });

  it('[R44] puts aside what cannot be read, and says where', async () => {
    const { store, keys, ttls } = createKeys();
    const bytes = Buffer.from('not what was saved');
    keys.set('tickwire:state:a', bytes);
    const aside = 'tickwire:state:a:unreadable';
    await expect(store.load('a')).rejects.toThrow(UnreadableState);
    await expect(store.load('a')).rejects.toThrow(aside);
    await store.save('a', 'new');
    expect(keys.get(aside)).toEqual(bytes);
    expect(ttls.get(aside)).toBe(weekMs);
    expect(await store.load('a')).toBe('new');
  });
});
