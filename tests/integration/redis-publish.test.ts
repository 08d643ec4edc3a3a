import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMessageCodec } from '@tickwire/channel-layer';
import { wholeRange } from '@tickwire/channel-layer/testing';
import { openRedisHistory } from '../support/redis-history.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const bounds = { historySize: 1_000, historyTtlMs: 3_600_000 };

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a publication in Redis', () => {
  test('[H76] has the bytes that the codec makes of it, whatever its position', async () => {
    await using harness = await openRedisHistory(server.port);
    const { history, redis, prefix } = harness;
    const codec = createMessageCodec();
    const heard = await harness.heardBytes('news');
    const wanted: Buffer[] = [];
    for (const epoch of ['e', 'e'.repeat(31), 'é'.repeat(16), 'e'.repeat(300)]) {
      for (const seq of [1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3]) {
        await redis.del(`${prefix}:history:news`);
        await redis.hset(`${prefix}:position:news`, { epoch, seq: seq - 1, fence: 0 });
        const message = { type: 'data.json', data: { 5: [seq, 'ä', null], deep: { list: [0.5, -3, true] } } };
        expect(await history.publish('news', message, bounds)).toEqual({
          outcome: 'published',
          position: { epoch, seq },
        });
        wanted.push(Buffer.from(codec.encode({ ...message, epoch, seq })));
      }
    }
    await harness.settled();
    expect(heard).toEqual(wanted);
  });

  test.each<[string, Parameters<typeof createMessageCodec>[0]]>([
    ['encrypted', { encryptionKeys: ['a key'] }],
    ['JSON', { serializer: 'json' }],
  ])('[H76] %s messages of many at once have each a position of their own', async (_kind, codecOptions) => {
    await using harness = await openRedisHistory(server.port, { codec: createMessageCodec(codecOptions) });
    const { history } = harness;
    const count = 20;
    const publishing = Array.from({ length: count }, (_, data) =>
      history.publish('news', { type: 'data.json', data }, bounds),
    );
    const results = await Promise.all(publishing);
    expect(new Set(results.map((result) => 'position' in result && result.position.epoch)).size).toBe(1);
    const { position, messages } = await history.read('news', wholeRange);
    expect(position?.seq).toBe(count);
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(new Set(messages.map(({ data }) => data)).size).toBe(count);
  });

  test.each(['position:news', 'history:news', 'position:news:once:*'])(
    '[H78] keys that hold something else: %s',
    async (kind) => {
      await using harness = await openRedisHistory(server.port);
      const { history, redis, prefix } = harness;
      const once = { key: 'a', content: 'one', rememberedMs: 60_000 };
      const publish = () => history.publish('news', { type: 'data.json', data: 'one' }, { ...bounds, once });
      await publish();
      const [key = ''] = await redis.keys(`${prefix}:${kind}`);
      await redis.del(key);
      await redis.sadd(key, 'of somebody else');
      if (kind === 'history:news') {
        await redis.del(...(await redis.keys(`${prefix}:*:once:*`)));
        // What stands in a stream's place gives way, as it does to an append.
        expect(await publish()).toMatchObject({ outcome: 'published', position: { seq: 2 } });
      } else {
        expect(await publish()).toEqual({ outcome: 'rejected', reason: expect.stringContaining('WRONGTYPE') });
      }
    },
  );
});
