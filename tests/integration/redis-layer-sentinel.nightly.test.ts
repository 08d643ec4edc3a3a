import { describe, expect, test } from '@jest/globals';
import { createRedisLayer, LayerUnavailable, type Message } from '@tickwire/channel-layer';
import { createCollector, freshName } from '@tickwire/channel-layer/testing';
import { freePort } from '../support/free-port.js';
import { openLayer } from '../support/redis-layer.js';
import { startRedisSentinel } from '../support/redis-sentinel.js';
import { startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

describe('a master behind Sentinels', () => {
  test('[L20] without a Sentinel in reach connecting is refused, and says which', async () => {
    const port = await freePort();
    const layer = createRedisLayer({ hosts: [{ sentinels: [{ host: '127.0.0.1', port }], name: 'prices' }] });
    const error = await layer.connect().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LayerUnavailable);
    expect(String(error)).toContain(
      `cannot connect to Redis at master prices of Sentinels 127.0.0.1:${port}: no Sentinel answers: connection refused`,
    );
  });

  test('[L18] a failover is lost, then restored on the new master', async () => {
    await using master = await startRedisServer();
    await using replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    await using sentinel = await startRedisSentinel('prices', master.port);
    const { host, port } = sentinel;
    await using layer = await openLayer({ hosts: [{ sentinels: [{ host, port }], name: 'prices' }] });
    const story = createCollector<string>();
    layer.onEvent(({ type }) => story.add(type));
    const group = freshName('group');
    const heard = createCollector<Message>();
    await layer.groupListen(group, heard.add);
    await layer.groupSend(group, { type: 'before' });
    await heard.reached(1);
    await sentinel.failOver();
    await story.reached(2);
    expect(story.items.slice(0, 2)).toEqual(['lost', 'restored']);
    await master.stop();
    await waitFor('a message over the new master', async () => {
      await layer.groupSend(group, { type: 'after' }).catch(() => {});
      return heard.items.some(({ type }) => type === 'after');
    });
    expect(replica.port).not.toBe(master.port);
  });
});
