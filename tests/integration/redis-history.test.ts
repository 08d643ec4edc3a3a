import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AppendResult,
  createMemoryHistory,
  createMessageCodec,
  type Message,
  type MessageCodec,
} from '@tickwire/channel-layer';
import {
  batchOf,
  createHistoryOperations,
  type HistoryHarness,
  heardOn,
  historyContract,
  publication,
  publications,
  runHistoryOperation,
  seqsOf,
  wholeRange,
} from '@tickwire/channel-layer/testing';
import { freshSeed } from '@tickwire/protocol/testing';
import { openRedisHistory, type RedisHistoryHarness } from '../support/redis-history.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

historyContract('the Redis history', (options) => openRedisHistory(server.port, options));

describe('the Redis history', () => {
  test('[H24] stores under its names the very bytes it publishes on the channel of channels_redis', async () => {
    await using harness = await openRedisHistory(server.port, { prefix: 'names', layerPrefix: 'asgi-names' });
    const { history, redis } = harness;
    const channel = 'asgi-names__group__trade.sim.BTC-USD';
    const subscriber = redis.duplicate();
    const heard: Buffer[] = [];
    try {
      await subscriber.connect();
      subscriber.on('messageBuffer', (_channel, bytes: Buffer) => heard.push(bytes));
      await subscriber.subscribe(channel);
      const message = { type: 'price.trade', seq: 1, epoch: 'e1', raw: new Uint8Array([0, 255, 10, 13, 0]) };
      await history.append([{ group: 'trade.sim.BTC-USD', epoch: 'e1', firstSeq: 1, messages: [message] }], 12);
      await subscriber.ping();

      const bytes = Buffer.from(createMessageCodec().encode(message));
      expect(heard).toEqual([bytes]);
      expect(await redis.xrangeBuffer('names:history:trade.sim.BTC-USD', '-', '+')).toEqual([
        [Buffer.from('1-0'), [Buffer.from('m'), bytes]],
      ]);
      expect(await redis.hgetall('names:position:trade.sim.BTC-USD')).toEqual({ epoch: 'e1', seq: '1', fence: '12' });
      const [read] = (await history.newest(['trade.sim.BTC-USD'], 1))[0]?.messages ?? [];
      expect(Buffer.from(read?.['raw'] as Uint8Array)).toEqual(Buffer.from(message.raw));
    } finally {
      subscriber.disconnect();
    }
  });

  test('[H24] the stream lives for historyTtlMs after an append, the position for positionTtlMs', async () => {
    await using harness = await openRedisHistory(server.port, { historyTtlMs: 500_000, positionTtlMs: 9_000_000 });
    const { history, redis, prefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 1)], 1);
    await redis.persist(`${prefix}:history:quotes`);
    await history.append([batchOf('quotes', 'e1', 2, 1)], 1);
    const ttls = [await redis.pttl(`${prefix}:history:quotes`), await redis.pttl(`${prefix}:position:quotes`)];
    expect(ttls[0]).toBeGreaterThan(400_000);
    expect(ttls[0]).toBeLessThanOrEqual(500_000);
    expect(ttls[1]).toBeGreaterThan(8_900_000);
    expect(ttls[1]).toBeLessThanOrEqual(9_000_000);
  });

  test('[H25] one command serves all groups of a call', async () => {
    await using harness = await openRedisHistory(server.port);
    const { history, redis } = harness;
    const groups = Array.from({ length: 20 }, (_, index) => `group-${index}`);
    await history.append(
      groups.map((group) => batchOf(group, 'e1', 1, 1)),
      1,
    );
    await history.newest(groups, 1);
    await history.read('group-0', wholeRange);

    const calls = async (): Promise<number> => {
      const stats = await redis.info('commandstats');
      const counted = [...stats.matchAll(/cmdstat_(?:evalsha|eval):calls=(\d+)/g)];
      return counted.reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await calls();
    await history.append(
      groups.map((group) => batchOf(group, 'e1', 2, 5)),
      1,
    );
    expect((await calls()) - before).toBe(1);
    await history.newest(groups, 5);
    expect((await calls()) - before).toBe(2);
    await history.read('group-0', wholeRange);
    expect((await calls()) - before).toBe(3);
  });

  test('[H30] a stream that was evicted begins again at the next message', async () => {
    await using harness = await openRedisHistory(server.port);
    const { history, redis, prefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 3)], 1);
    await redis.del(`${prefix}:history:quotes`);
    expect(await history.read('quotes', wholeRange)).toMatchObject({ position: { seq: 3 }, messages: [] });
    expect(await history.append([batchOf('quotes', 'e1', 4, 2)], 1)).toMatchObject([{ outcome: 'appended' }]);
    expect((await history.newest(['quotes'], 9))[0]?.messages).toEqual(publications('e1', 4, 2));
  });

  test.each([
    [
      'with entries ahead of its position',
      ({ redis, prefix }) => redis.xadd(`${prefix}:history:quotes`, '99-0', 'm', 'x'),
    ],
    ['of another type', ({ redis, prefix }) => redis.set(`${prefix}:history:quotes`, 'x')],
  ] as [string, (harness: RedisHistoryHarness) => Promise<unknown>][])(
    '[H30] a stream %s stops no append halfway: history begins again there',
    async (_case, spoil) => {
      await using harness = await openRedisHistory(server.port);
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 3)], 1);
      const heard = await heardOn(harness, 'quotes');
      await spoil(harness);

      const batches = [batchOf('first', 'e1', 1, 1), batchOf('quotes', 'e1', 4, 2), batchOf('last', 'e1', 1, 1)];
      expect(await history.append(batches, 1)).toMatchObject(batches.map(() => ({ outcome: 'appended' })));
      await harness.settled();
      expect(heard).toEqual(publications('e1', 4, 2));
      expect((await history.newest(['quotes'], 9))[0]?.messages).toEqual(heard);
    },
  );

  test('[H30] a stream that lost its position is dropped when an epoch begins', async () => {
    await using harness = await openRedisHistory(server.port);
    const { history, redis, prefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 3)], 1);
    await redis.del(`${prefix}:position:quotes`);
    expect(await history.read('quotes', wholeRange)).toEqual({ group: 'quotes', position: null, messages: [] });
    expect(await history.append([batchOf('quotes', 'e1', 4, 1)], 1)).toMatchObject([{ position: null }]);
    await history.append([batchOf('quotes', 'e2', 1, 2)], 1);
    expect((await history.newest(['quotes'], 9))[0]?.messages).toEqual(publications('e2', 1, 2));
  });

  test('[H31] encrypted messages are stored as they are published, and read back', async () => {
    const codec = createMessageCodec({ encryptionKeys: ['new key', 'old key'] });
    await using harness = await openRedisHistory(server.port, { codec });
    const { history, redis, prefix } = harness;
    const published = await harness.heardBytes('quotes');
    await history.append([batchOf('quotes', 'e1', 1, 2)], 1);
    await harness.settled();

    const stored = await redis.xrangeBuffer(`${prefix}:history:quotes`, '-', '+');
    expect(stored.map(([, [, bytes]]) => bytes)).toEqual(published);
    expect(published.map((bytes) => bytes.toString().slice(0, 5))).toEqual(['gAAAA', 'gAAAA']);
    expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 2));
  });

  test("[H32] an entry nobody can read ends a range, is reported, and stands in no other group's way", async () => {
    const bad: unknown[] = [];
    const onBadEntry = (group: string, seq: number, error: unknown): void => {
      bad.push([group, seq, (error as Error).name]);
    };
    const poisonous = createMessageCodec();
    const codec: Pick<MessageCodec, 'encode' | 'decode' | 'maxPayloadBytes'> = {
      ...poisonous,
      encode: (message) => (message['body'] === 'poison' ? Buffer.from([0xc1]) : poisonous.encode(message)),
      decode: (bytes) => poisonous.decode(bytes),
    };
    await using harness = await openRedisHistory(server.port, { codec, onBadEntry });
    const { history } = harness;
    const messages = [...publications('e1', 1, 2), publication('e1', 3, 'poison'), ...publications('e1', 4, 2)];
    await history.append([{ group: 'quotes', epoch: 'e1', firstSeq: 1, messages }, batchOf('fine', 'e1', 1, 2)], 1);

    expect(seqsOf((await history.read('quotes', wholeRange)).messages)).toEqual([1, 2]);
    expect(seqsOf((await history.read('quotes', { afterSeq: 2, limit: 9 })).messages)).toEqual([]);
    expect(seqsOf((await history.read('quotes', { afterSeq: 3, limit: 9 })).messages)).toEqual([4, 5]);
    const [quotes, fine] = await history.newest(['quotes', 'fine'], 9);
    expect([seqsOf(quotes?.messages ?? []), seqsOf(fine?.messages ?? [])]).toEqual([
      [4, 5],
      [1, 2],
    ]);
    expect(bad).toEqual(Array.from({ length: 3 }, () => ['quotes', 3, 'PoisonMessage']));
    expect([quotes?.unreadable, fine?.unreadable]).toEqual([undefined, undefined]);
    await history.append(
      [{ group: 'quotes', epoch: 'e1', firstSeq: 6, messages: [publication('e1', 6, 'poison')] }],
      1,
    );
    expect(await history.newest(['quotes'], 9)).toMatchObject([
      { position: { seq: 6 }, messages: [], unreadable: 'its newest entry is not a message' },
    ]);
  });

  test('[H190] an entry too large to be decoded is not even fetched, and a read has only so many bytes', async () => {
    const bad: unknown[] = [];
    await using harness = await openRedisHistory(server.port, {
      codec: createMessageCodec({ maxMessageBytes: 10_000 }),
      onBadEntry: (group, seq, error) => bad.push([group, seq, (error as Error).message]),
    });
    const { history, redis, prefix } = harness;
    const body = 'x'.repeat(4_000);
    const messages = [1, 2, 3, 4, 5].map((seq) => publication('e1', seq, body));
    await history.append([{ group: 'quotes', epoch: 'e1', firstSeq: 1, messages }], 1);
    expect(seqsOf((await history.read('quotes', wholeRange)).messages)).toEqual([1, 2]);
    expect(seqsOf((await history.read('quotes', { afterSeq: 2, limit: 9 })).messages)).toEqual([3, 4]);
    expect(seqsOf((await history.read('quotes', { afterSeq: 4, limit: 9 })).messages)).toEqual([5]);

    await redis.xadd(`${prefix}:history:quotes`, '6-0', 'm', 'y'.repeat(1_000_000));
    await redis.hset(`${prefix}:position:quotes`, 'seq', 6);
    expect(seqsOf((await history.read('quotes', { afterSeq: 4, limit: 9 })).messages)).toEqual([5]);
    expect(await history.newest(['quotes'], 9)).toMatchObject([{ position: { seq: 6 }, messages: [] }]);
    expect(bad).toEqual(Array.from({ length: 2 }, () => ['quotes', 6, 'poison message: too-large']));
  });

  test('[H32] a hole that somebody cut into a stream is not handed out as if it were none', async () => {
    await using harness = await openRedisHistory(server.port);
    const { history, redis, prefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 6)], 1);
    await redis.xdel(`${prefix}:history:quotes`, '3-0');
    expect(seqsOf((await history.read('quotes', wholeRange)).messages)).toEqual([1, 2]);
    expect(seqsOf((await history.newest(['quotes'], 9))[0]?.messages ?? [])).toEqual([4, 5, 6]);
  });

  test.each([7, 8, freshSeed()])(
    '[H33] memory and Redis answer alike, operation by operation (seed %i)',
    async (seed) => {
      await using redis = await openRedisHistory(server.port, { historySize: 8 });
      const groups = ['one', 'two', 'three'];
      const memory = createMemoryModel(8);
      const heard = await Promise.all(
        groups.map(async (group) => [await heardOn(memory, group), await heardOn(redis, group)] as const),
      );
      const operations = createHistoryOperations(seed, groups);
      const outcomes = new Map<string, number>();

      for (let step = 0; step < 400; step += 1) {
        const operation = operations.next();
        const expected = await runHistoryOperation(memory, operation);
        const answer = await runHistoryOperation(redis, operation);
        expect({ step, operation, answer }).toEqual({ step, operation, answer: expected });
        if (operation.kind !== 'append') continue;
        operations.learn(answer as readonly AppendResult[]);
        for (const { outcome } of answer as readonly AppendResult[]) {
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }

      await redis.settled();
      for (const [byMemory, byRedis] of heard) expect(byRedis).toEqual(byMemory);
      for (const outcome of ['appended', 'fenced', 'mismatch']) expect(outcomes.get(outcome)).toBeGreaterThan(10);
    },
  );
});

const createMemoryModel = (historySize: number): HistoryHarness => {
  let nowMs = 0;
  const listeners: [string, (message: Message) => void][] = [];
  const publish = (group: string, message: Message): void => {
    for (const [listened, listener] of listeners) if (listened === group) listener(message);
  };
  return {
    history: createMemoryHistory({ publish, historySize, historyTtlMs: 1, now: () => nowMs }),
    async listen(group, listener) {
      listeners.push([group, listener]);
    },
    async settled() {},
    async expireMessages() {
      nowMs += 1;
    },
    async elapse(ms) {
      nowMs += ms;
    },
    async [Symbol.asyncDispose]() {},
  };
};
