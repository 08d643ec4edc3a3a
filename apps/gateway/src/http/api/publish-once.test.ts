import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { createMemorySharedKeys, type SharedKeys } from '@tickwire/runtime';
import { createPublishOnce } from './publish-once.js';

const rig = () => {
  const clock = createManualClock();
  const keys = createMemorySharedKeys(clock.after);
  const acts: string[] = [];
  const gateway = (over: Partial<SharedKeys> = {}) => {
    const once = createPublishOnce({ keys: { ...keys, ...over } });
    const publish = (key: string, content = 'content', fails = false): Promise<boolean> =>
      once.run(key, content, async () => {
        if (fails) throw new Error('Redis is out of reach');
        acts.push(content);
      });
    return { publish };
  };
  return { acts, gateway, pass: clock.advance };
};

describe('publishing once per key', () => {
  it('[G63] a repeat is reported as such and publishes nothing, on any gateway', async () => {
    const { gateway, acts } = rig();
    const [one, two] = [gateway(), gateway()];
    expect(await one.publish('k')).toBe(true);
    expect(await one.publish('k')).toBe(false);
    expect(await two.publish('k')).toBe(false);
    expect(await two.publish('other')).toBe(true);
    expect(acts).toHaveLength(2);
  });

  it('[G63] when many gateways get it at once one publishes; the others reply "in progress" or "replayed"', async () => {
    const { gateway, acts } = rig();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => gateway().publish('k')));
    expect(acts).toHaveLength(1);
    expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'in-progress' });
    }
    expect(await gateway().publish('k')).toBe(false);
  });

  it('[G63] a key stands for one publication', async () => {
    const { gateway, acts } = rig();
    await gateway().publish('k', 'one');
    await expect(gateway().publish('k', 'two')).rejects.toMatchObject({ code: 'key-reused' });
    expect(acts).toEqual(['one']);
  });

  it('[G63] what failed may be repeated with the same key', async () => {
    const { gateway, acts } = rig();
    await expect(gateway().publish('k', 'content', true)).rejects.toThrow('Redis is out of reach');
    expect(await gateway().publish('k')).toBe(true);
    expect(await gateway().publish('k')).toBe(false);
    expect(acts).toHaveLength(1);
  });

  it('[G63] a claim whose gateway died is given to another after a while', async () => {
    const { gateway, acts, pass } = rig();
    const dying = gateway({ remove: () => Promise.reject(new Error('gone')) });
    await expect(dying.publish('k', 'content', true)).rejects.toThrow('Redis is out of reach');
    pass(9_000);
    await expect(gateway().publish('k')).rejects.toMatchObject({ code: 'in-progress' });
    pass(1_000);
    expect(await gateway().publish('k')).toBe(true);
    expect(acts).toHaveLength(1);
  });

  it('[G63] a key is forgotten after an hour', async () => {
    const { gateway, acts, pass } = rig();
    await gateway().publish('k', 'one');
    pass(3_600_000);
    expect(await gateway().publish('k', 'two')).toBe(true);
    expect(acts).toEqual(['one', 'two']);
  });
});
