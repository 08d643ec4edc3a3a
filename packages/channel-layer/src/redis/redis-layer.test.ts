import { describe, expect, test } from '@jest/globals';
import type { LayerEvent, Message } from '../layer.js';
import { createRedisLayer, type RedisLayer, type RedisLayerOptions } from './redis-layer.js';
import type { ShardsObserver } from './shards.js';

/** A layer over a Redis that acknowledges everything; the test supplies what arrives. */
const create = (options: RedisLayerOptions = {}): { layer: RedisLayer; server: ShardsObserver } => {
  const servers: ShardsObserver[] = [];
  const layer = createRedisLayer({
    ...options,
    newShards(observer) {
      servers.push(observer);
      return {
        connect: async () => {},
        publish: async () => {},
        subscribe: async () => {},
        unsubscribe: async () => {},
        call: async () => null,
        read: async () => null,
        partOf: () => 0,
        close: async () => {},
      };
    },
  });
  return { layer, server: servers[0] as ShardsObserver };
};

const tick = Buffer.from('82a474797065a174a16101', 'hex');

describe('the Redis layer without a Redis', () => {
  test('[L11] a message is decoded once, whatever the number of listeners', async () => {
    let decoded = 0;
    const serializer = {
      encode: () => tick,
      decode: () => {
        decoded += 1;
        return { type: 't' };
      },
    };
    const { layer, server } = create({ serializer });
    const heard: Message[] = [];
    for (let count = 0; count < 10; count += 1) await layer.groupListen('group', (message) => heard.push(message));
    server.onMessage('asgi__group__group', tick);
    expect(decoded).toBe(1);
    expect(heard).toHaveLength(10);
    await layer.close();
  });

  test('[L13] a message waiting in a mailbox does not depend on the buffer it arrived in', async () => {
    const { layer, server } = create();
    const channel = await layer.newChannel();
    await layer.groupAdd('group', channel);
    for (const address of ['asgi__group__group', channel]) {
      const payload = Buffer.from(tick);
      server.onMessage(address, payload);
      payload.fill(0);
    }
    expect([await layer.receive(channel), await layer.receive(channel)]).toEqual([
      { type: 't', a: 1 },
      { type: 't', a: 1 },
    ]);
    await layer.close();
  });

  test('[L18] a loss is reported by group names, and only for those in use here', async () => {
    const { layer, server } = create({ prefix: 'shop:' });
    const events: LayerEvent[] = [];
    layer.onEvent((event) => events.push(event));
    const leave = await layer.groupListen('group', () => {});
    const channel = await layer.newChannel();
    server.onLost(['shop:__group__group', 'shop:__group__other', channel], 'cut');
    await expect(layer.groupListen('group', () => {})).rejects.toThrow('is lost');
    server.onRestored(['shop:__group__group', channel], 7);
    await layer.groupListen('group', () => {});
    await leave();
    expect(events).toEqual([
      { type: 'lost', groups: ['group'], reason: 'cut' },
      { type: 'restored', groups: ['group'], downMs: 7 },
    ]);
    await layer.close();
  });

  test('[L17] a message of a group that everybody just left is ignored, not poison', async () => {
    const { layer, server } = create();
    const events: LayerEvent[] = [];
    layer.onEvent((event) => events.push(event));
    const leave = await layer.groupListen('group', () => {});
    await leave();
    server.onMessage('asgi__group__group', Buffer.from('c1', 'hex'));
    expect(events).toEqual([]);
    await layer.close();
  });
});
