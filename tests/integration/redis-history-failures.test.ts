import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createMessageCodec,
  createRedisHistory,
  createRedisLayer,
  createScriptClient,
  type Message,
  shardIndex,
} from '@tickwire/channel-layer';
import { batchOf, heardOn, publications, seqsOf, wholeRange } from '@tickwire/channel-layer/testing';
import { processLogin } from '../support/limited-users.js';
import { connectRedis, openRedisHistory, scriptClientOf } from '../support/redis-history.js';
import { openLayer } from '../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { patientMs, waitFor } from '../support/wait-for.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** An answer alone may be of a connection that is not ready: what follows would be rejected. */
const isReady = (redis: { readonly status: string }) => [() => redis.status === 'ready', () => false] as const;

/** A Redis of its own, and a history that writes there as a user who may do everything at first. */
const openAsWriter = async () => {
  const own = await startRedisServer();
  const redis = await connectRedis(own.port);
  await redis.acl('SETUSER', 'writer', 'on', '>writer', '~*', '&*', '+@all');
  const asWriter = await connectRedis(own.port, { username: 'writer', password: 'writer' });
  const client = scriptClientOf(asWriter);
  const harness = await openRedisHistory(own.port, { prefix: 'tickwire', layerPrefix: 'asgi', client });
  const close = async (): Promise<void> => {
    await harness[Symbol.asyncDispose]();
    asWriter.disconnect();
    redis.disconnect();
    await own[Symbol.asyncDispose]();
  };
  return { harness, redis, [Symbol.asyncDispose]: close };
};

describe('the Redis history', () => {
  test('[H26] goes on after SCRIPT FLUSH, without a loss or a double', async () => {
    await using harness = await openRedisHistory(server.port);
    const { history, redis } = harness;
    const heard = await heardOn(harness, 'quotes');
    for (const firstSeq of [1, 3, 5]) {
      await redis.script('FLUSH', 'SYNC');
      expect(await history.append([batchOf('quotes', 'e1', firstSeq, 2)], 1)).toMatchObject([{ outcome: 'appended' }]);
    }
    await redis.script('FLUSH', 'SYNC');
    expect((await history.newest(['quotes'], 9))[0]?.messages).toEqual(publications('e1', 1, 6));
    await redis.script('FLUSH', 'SYNC');
    expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 6));
    await harness.settled();
    expect(seqsOf(heard)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('[H77] a publication that Redis has no memory for is not written, and its repeat is published once', async () => {
    await using own = await startRedisServer();
    await using harness = await openRedisHistory(own.port);
    const { history, redis } = harness;
    const heard = await heardOn(harness, 'news');
    const once = { key: 'a', content: 'one', rememberedMs: 60_000 };
    const publish = () =>
      history.publish('news', { type: 'data.json', data: 'one' }, { historySize: 10, historyTtlMs: 60_000, once });
    await redis.config('SET', 'maxmemory', '1');
    await expect(publish()).rejects.toMatchObject({ code: 'REDIS_OUT_OF_MEMORY' });
    expect(await redis.keys('*')).toEqual([]);
    await redis.config('SET', 'maxmemory', '0');
    expect(await publish()).toMatchObject({ outcome: 'published', position: { seq: 1 } });
    await redis.script('FLUSH', 'SYNC');
    expect(await publish()).toMatchObject({ outcome: 'repeated', position: { seq: 1 } });
    await harness.settled();
    expect(seqsOf(heard)).toEqual([1]);
  });

  test('[H26] goes on where it was after a Redis that kept its data came back', async () => {
    await using own = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    await using harness = await openRedisHistory(own.port);
    const { history, redis } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 3)], 5);
    await own.stop();
    await expect(history.append([batchOf('quotes', 'e1', 4, 2)], 5)).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
    });
    await own.start();
    await waitFor('history to answer', () => history.newest(['quotes'], 0).then(...isReady(redis)));

    expect(await history.append([batchOf('quotes', 'e1', 4, 2)], 4)).toMatchObject([{ outcome: 'fenced', fence: 5 }]);
    expect(await history.append([batchOf('quotes', 'e1', 4, 2)], 5)).toMatchObject([{ outcome: 'appended' }]);
    expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 5));
  });

  test('[H27] a Redis that lost everything answers with no position; a reset begins again', async () => {
    await using own = await startRedisServer();
    await using harness = await openRedisHistory(own.port);
    const { history, redis } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 3), batchOf('trades', 'e1', 1, 3)], 5);
    await own.stop('SIGKILL');
    await own.start();
    await waitFor('history to answer', () => history.newest(['quotes'], 0).then(...isReady(redis)));

    expect(await history.append([batchOf('quotes', 'e1', 4, 1)], 5)).toEqual([
      { group: 'quotes', outcome: 'mismatch', position: null },
    ]);
    await history.append([batchOf('quotes', 'e2', 1, 1, true), batchOf('trades', 'e1', 4, 1, true)], 5);
    const [quotes, trades] = await history.newest(['quotes', 'trades'], 9);
    expect(quotes).toMatchObject({ position: { epoch: 'e2', seq: 1 }, messages: publications('e2', 1, 1) });
    expect(trades).toMatchObject({ position: { epoch: 'e1', seq: 4 }, messages: publications('e1', 4, 1) });
  });

  test('[H28] what a promoted replica had not heard of yet is appended again in the same epoch', async () => {
    // By default a primary waits 5 s for further replicas before it sends its data.
    await using primary = await startRedisServer({ args: ['--repl-diskless-sync-delay', '0'] });
    await using replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
    await using harness = await openRedisHistory(primary.port);
    const { history, prefix, layerPrefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 3)], 5);
    await using promoted = await openRedisHistory(replica.port, { prefix, layerPrefix });
    const keys = [`${prefix}:position:quotes`, `${prefix}:history:quotes`];
    await waitFor('the replica', async () => (await promoted.redis.exists(keys)) === 2);

    const refused = promoted.history.append([batchOf('quotes', 'e1', 4, 1)], 5);
    await expect(refused).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await promoted.redis.replicaof('NO', 'ONE');
    await history.append([batchOf('quotes', 'e1', 4, 3)], 5);

    const position = { epoch: 'e1', seq: 3 };
    expect(await promoted.history.append([batchOf('quotes', 'e1', 7, 1)], 5)).toEqual([
      { group: 'quotes', outcome: 'mismatch', position },
    ]);
    expect(await promoted.history.append([batchOf('quotes', 'e1', position.seq + 1, 4)], 5)).toMatchObject([
      { outcome: 'appended', position: { epoch: 'e1', seq: 7 } },
    ]);
    expect((await promoted.history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 7));
  });

  test.each([
    ['in step', batchOf('quotes', 'e1', 4, 2)],
    // DEL, which a reset does, is allowed when memory is full, and would open the door for all the rest.
    ['with a reset', batchOf('quotes', 'e2', 1, 2, true)],
    ['of a new group', batchOf('trades', 'e1', 1, 2)],
  ])('[H29] at maxmemory an append %s rejects, writes nothing and is not heard', async (_case, batch) => {
    await using own = await startRedisServer({ args: ['--maxmemory-policy', 'noeviction'] });
    await using harness = await openRedisHistory(own.port);
    const { history, redis } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 3), batchOf('other', 'e1', 1, 1)], 5);
    const heard = await Promise.all(['quotes', 'trades', 'other'].map((group) => heardOn(harness, group)));
    const groups = ['quotes', 'trades', 'other'];
    const before = await history.newest(groups, 9);

    await redis.config('SET', 'maxmemory', '1');
    const call = [batch, batchOf('other', 'e1', 2, 1)];
    await expect(history.append(call, 6)).rejects.toMatchObject({
      name: 'RedisOutOfMemory',
      code: 'REDIS_OUT_OF_MEMORY',
    });
    expect(await history.newest(groups, 9)).toEqual(before);
    await harness.settled();
    expect(heard).toEqual([[], [], []]);
    // A repeat writes nothing, so it needs no memory.
    expect(await history.append([batchOf('quotes', 'e1', 2, 1)], 5)).toMatchObject([{ outcome: 'appended' }]);

    await redis.config('SET', 'maxmemory', '0');
    expect(await history.append(call, 5)).toMatchObject([{ outcome: 'appended' }, { outcome: 'appended' }]);
    await harness.settled();
    expect(heard.map((messages) => messages.length)).toEqual(batch.group === 'quotes' ? [2, 0, 1] : [0, 2, 1]);
  });

  test('[H53] a group whose keys hold something else is rejected alone: others are written and read', async () => {
    const bad: (readonly [group: string, seq: number])[] = [];
    await using harness = await openRedisHistory(server.port, { onBadEntry: (group, seq) => bad.push([group, seq]) });
    const { history, redis, prefix } = harness;
    await redis.set(`${prefix}:position:quotes`, 'not ours');
    const heard = await heardOn(harness, 'fine');
    const call = [batchOf('fine', 'e1', 1, 1), batchOf('quotes', 'e1', 1, 1)];
    expect(await history.append(call, 1)).toMatchObject([
      { group: 'fine', outcome: 'appended' },
      { group: 'quotes', outcome: 'rejected', reason: expect.stringContaining('WRONGTYPE') },
    ]);
    await harness.settled();
    expect(seqsOf(heard)).toEqual([1]);

    const none = { group: 'quotes', position: null, messages: [], unreadable: expect.stringContaining('WRONGTYPE') };
    expect(await history.newest(['quotes', 'fine'], 1)).toMatchObject([none, { messages: publications('e1', 1, 1) }]);
    expect(bad).toEqual([['quotes', 0]]);
    await expect(history.read('quotes', wholeRange)).rejects.toMatchObject({ code: 'REDIS_REFUSED' });
  });

  test.each([
    ['-publish', 'PUBLISH asgi__group__quotes'],
    ['-xadd', 'XADD tickwire:history:quotes'],
    ['-hset', 'HSET tickwire:position:quotes'],
    ['-pexpire', 'PEXPIRE tickwire:history:quotes'],
  ])(
    '[H211] what a user with %s may not do is found out before anything is written, and nothing is lost',
    async (rule, missing) => {
      await using writer = await openAsWriter();
      const { harness, redis } = writer;
      const { history } = harness;
      const heard = await heardOn(harness, 'quotes');
      await history.append([batchOf('quotes', 'e1', 1, 1)], 1);
      await redis.acl('SETUSER', 'writer', rule);
      const reason = `NOPERM this user may not ${missing}`;
      for (let attempt = 0; attempt < 2; attempt += 1)
        expect(await history.append([batchOf('quotes', 'e1', 2, 2)], 1)).toMatchObject([
          { outcome: 'rejected', reason },
        ]);
      await expect(history.publish('news', { type: 'a' }, { historySize: 9, historyTtlMs: 60_000 })).rejects.toThrow(
        'NOPERM',
      );
      expect(await redis.exists('tickwire:position:news')).toBe(0);
      await redis.acl('SETUSER', 'writer', '+@all');
      expect(await history.append([batchOf('quotes', 'e1', 2, 2)], 1)).toMatchObject([{ outcome: 'appended' }]);
      await harness.settled();
      expect(seqsOf(heard)).toEqual([1, 2, 3]);
    },
  );

  test('[H211] a user who may not publish on one channel publishes on the others', async () => {
    await using writer = await openAsWriter();
    const { harness, redis } = writer;
    const { history } = harness;
    const heard = await heardOn(harness, 'fine');
    await redis.acl('SETUSER', 'writer', 'resetchannels', '&asgi__group__fine');
    const call = [batchOf('quotes', 'e1', 1, 1), batchOf('fine', 'e1', 1, 1)];
    const results = await history.append(call, 1);
    expect(results.map(({ outcome }) => outcome)).toEqual(['rejected', 'appended']);
    await harness.settled();
    expect(seqsOf(heard)).toEqual([1]);
  });

  test('[H29] what will never work is distinguished from what passes', async () => {
    const client = createScriptClient({
      call: () => Promise.reject(Object.assign(new Error('NOPERM no rights'), { name: 'ReplyError' })),
    });
    const denied = createRedisHistory({ client, codec: createMessageCodec() });
    await expect(denied.append([batchOf('quotes', 'e1', 1, 1)], 1)).rejects.toMatchObject({
      name: 'RedisRefused',
      code: 'REDIS_REFUSED',
    });
  });

  test('[H34] over the connections of a layer it uses the same servers, and the layer hears what it appends', async () => {
    await using other = await startRedisServer();
    const prefix = `layer-${randomUUID()}`;
    const layer = createRedisLayer({ hosts: [server.url, other.url], prefix });
    try {
      await layer.connect();
      const client = createScriptClient(layer);
      const codec = createMessageCodec();
      const history = createRedisHistory({ client, codec, layerPrefix: prefix, prefix });
      const groups = Array.from({ length: 10 }, (_, index) => `group-${index}`);
      const heard = new Map<string, Message[]>(groups.map((group) => [group, []]));
      for (const [group, messages] of heard) await layer.groupListen(group, (message) => messages.push(message));

      await history.append(
        groups.map((group) => batchOf(group, 'e1', 1, 3)),
        1,
      );
      const isHeard = (messages: Message[]): boolean => messages.length === 3;
      await waitFor('all messages', () => [...heard.values()].every(isHeard));
      for (const { group, messages } of await history.newest(groups, 9)) expect(messages).toEqual(heard.get(group));

      await other.stop();
      const failed = history.append(
        groups.map((group) => batchOf(group, 'e1', 4, 1)),
        1,
      );
      await expect(failed).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE', cause: { code: 'LAYER_UNAVAILABLE' } });
    } finally {
      await layer.close();
    }
  });

  test('[L65] an answer of many megabytes does not delay what is published', async () => {
    const prefix = `layer-${randomUUID()}`;
    await using layer = await openLayer({ hosts: [server.url], prefix, pingMs: patientMs(5_000) });
    const history = createRedisHistory({
      client: createScriptClient(layer),
      codec: createMessageCodec({ maxMessageBytes: 2 ** 25 }),
      layerPrefix: prefix,
      prefix,
    });
    const body = 'x'.repeat(100_000);
    for (let seq = 1; seq <= 200; seq += 1) {
      const message = { type: 'a', seq, epoch: 'e1', body };
      await history.append([{ group: 'large', epoch: 'e1', firstSeq: seq, messages: [message] }], 1);
    }
    const lost: unknown[] = [];
    layer.onEvent((event) => lost.push(event));
    const story: string[] = [];
    const reads = Array.from({ length: 5 }, async () => {
      const { messages } = await history.read('large', wholeRange);
      story.push(`read ${messages.length}`);
    });
    await layer.groupSend('quotes', { type: 'now' });
    story.push('sent');
    await Promise.all(reads);
    expect(story).toEqual(['sent', ...reads.map(() => 'read 200')]);
    expect(lost).toEqual([]);
  });

  test('[H34] each group lives on the server channels_redis would publish it to; a repeat mends a half-done call', async () => {
    await using other = await startRedisServer();
    const clients = await Promise.all([server.port, other.port].map((port) => connectRedis(port)));
    const ofProcess = await Promise.all([server.port, other.port].map((port) => connectRedis(port, processLogin)));
    const partOf = (address: string): number => shardIndex(address, 2);
    const client = createScriptClient({
      partOf,
      call: async (address, command, args) => ofProcess[partOf(address)]?.callBuffer(command, [...args]),
    });
    try {
      await using harness = await openRedisHistory(server.port, { client, layerPrefix: 'asgi' });
      const { history, prefix } = harness;
      // The ring of channels_redis for two hosts: asgi__group__quotes is on the first, asgi__group__BTC-USD on the second.
      const call = (firstSeq: number) => [batchOf('BTC-USD', 'e1', firstSeq, 2), batchOf('quotes', 'e1', firstSeq, 2)];
      expect((await history.append(call(1), 1)).map(({ group }) => group)).toEqual(['BTC-USD', 'quotes']);
      expect(await clients[0]?.keys(`${prefix}:history:*`)).toEqual([`${prefix}:history:quotes`]);
      expect(await clients[1]?.keys(`${prefix}:history:*`)).toEqual([`${prefix}:history:BTC-USD`]);

      await clients[1]?.set('keep', 'x');
      await clients[1]?.config('SET', 'maxmemory', '1');
      await expect(history.append(call(3), 1)).rejects.toMatchObject({ code: 'REDIS_OUT_OF_MEMORY' });
      await clients[1]?.config('SET', 'maxmemory', '0');
      expect(await history.append(call(3), 1)).toEqual([
        { group: 'BTC-USD', outcome: 'appended', position: { epoch: 'e1', seq: 4 } },
        { group: 'quotes', outcome: 'appended', position: { epoch: 'e1', seq: 4 } },
      ]);
      const ranges = await history.newest(['quotes', 'BTC-USD'], 9);
      expect(ranges.map(({ group }) => group)).toEqual(['quotes', 'BTC-USD']);
      for (const { messages } of ranges) expect(messages).toEqual(publications('e1', 1, 4));
    } finally {
      for (const client of [...clients, ...ofProcess]) client.disconnect();
    }
  });
});
