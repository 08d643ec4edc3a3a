import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ChannelTakenOver,
  createPublisher,
  LayerRejected,
  PublicationRejected,
  type Publisher,
  type PublisherEvent,
  type PublisherOptions,
  RedisUnavailable,
} from '@tickwire/channel-layer';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { Redis } from 'ioredis';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { waitFor } from '../support/wait-for.js';

const channels = 'news.*,ticker.mine.*';
const logger = createLogger('test', 'silent');

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

const open = (options: Partial<PublisherOptions> = {}): Publisher & AsyncDisposable => {
  const publisher = createPublisher({ url: redis.url, channels, ...options });
  return Object.assign(publisher, { [Symbol.asyncDispose]: () => publisher.close() });
};

const startHub = async (url: string) => {
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: url }), logger);
  const gateway = await startGateway({
    config: gatewayConfig({ ...gatewayVariables, CHANNELS: channels }),
    logger,
    ...backend,
  });
  const address = `http://127.0.0.1:${gateway.port}`;
  return {
    url: address,
    /** The data of all that is kept of a channel, by position. */
    async kept(channel: string): Promise<readonly unknown[]> {
      const response = await fetch(`${address}/api/history?channel=${channel}&limit=1000`);
      const { messages } = (await response.json()) as { readonly messages: readonly { data: unknown; seq: number }[] };
      return messages.map(({ data, seq }) => [seq, data]);
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await backend.close();
    },
  };
};

const inOrder = (count: number): readonly unknown[] => Array.from({ length: count }, (_, at) => [at + 1, at]);

describe('a publisher over Redis', () => {
  it('[L200] what it publishes is followed, recovered and listed as what is published through a gateway', async () => {
    await using hub = await startHub(redis.url);
    using client = await openCentrifuge(hub.url);
    await client.connect();
    await client.call({ subscribe: { channel: 'ticker.mine.BTC-USD', recoverable: true } });
    await using publisher = open();
    const { epoch } = await publisher.publish('ticker.mine.BTC-USD', { last: 61_000.5 });
    expect(await publisher.publish('ticker.mine.BTC-USD', { last: '61001' })).toMatchObject({ seq: 2, epoch });
    await waitFor('both prices', async () => client.offsets('ticker.mine.BTC-USD').length === 2);
    await waitFor('the symbol to be listed', async () => {
      const response = await fetch(`${hub.url}/api/symbols`);
      const symbols = (await response.json()) as readonly { symbol: string; own?: object }[];
      return symbols.some(({ symbol, own }) => symbol === 'BTC-USD' && own !== undefined);
    });
  });

  it('[L201] several publishers on one channel leave no hole and double nothing', async () => {
    await using hub = await startHub(redis.url);
    await using one = open();
    await using two = open();
    const each = 200;
    const batch = (from: string) =>
      Array.from({ length: each }, (_, at) => ({ channel: 'news.many', data: `${from}${at}` }));
    const results = await Promise.all([one.publishAll(batch('a')), two.publishAll(batch('b'))]);
    expect(results.flat().every(({ status }) => status === 'fulfilled')).toBe(true);
    const kept = await hub.kept('news.many');
    expect(kept.map((entry) => (entry as unknown[])[0])).toEqual(Array.from({ length: 2 * each }, (_, at) => at + 1));
    const data = kept.map((entry) => (entry as unknown[])[1] as string);
    for (const from of ['a', 'b']) {
      expect(data.filter((text) => text.startsWith(from))).toEqual(batch(from).map((given) => given.data));
    }
  });

  it('[L202] one that takes over ends the one before, without a hole', async () => {
    await using hub = await startHub(redis.url);
    await using first = open({ fence: true });
    await using second = open({ fence: true });
    await first.publish('news.fenced', 0);
    await first.publish('news.fenced', 1);
    await second.publish('news.fenced', 2);
    await expect(first.publish('news.fenced', 'late')).rejects.toBeInstanceOf(ChannelTakenOver);
    await second.publish('news.fenced', 3);
    expect(await hub.kept('news.fenced')).toEqual(inOrder(4));
  });

  it('[L225] a channel whose fence is set to that of nobody takes publications without one, and goes on counting', async () => {
    await using hub = await startHub(redis.url);
    await using other = open();
    {
      await using fenced = open({ fence: true });
      await fenced.publish('news.given-back', 0);
      await expect(other.publish('news.given-back', 'early')).rejects.toMatchObject({ reason: 'has-producer' });
    }
    const operator = new Redis(redis.url);
    // 0: the field was there, so the name of the key is right.
    expect(await operator.hset('tickwire:position:news.given-back', 'fence', 0)).toBe(0);
    await operator.quit();
    await other.publish('news.given-back', 1);
    await using late = open({ fence: true });
    await late.publish('news.given-back', 2);
    await expect(other.publish('news.given-back', 'late')).rejects.toMatchObject({ reason: 'has-producer' });
    expect(await hub.kept('news.given-back')).toEqual(inOrder(3));
  });

  it('[L203] while Redis is away publications wait; with keys none is lost or doubled, and their order stays', async () => {
    await using server = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    const events: PublisherEvent['type'][] = [];
    await using publisher = open({ url: server.url, waitMs: 60_000, onEvent: ({ type }) => events.push(type) });
    let next = 0;
    const publishNext = () => {
      const data = next;
      next += 1;
      return publisher.publish('news.kept', data, { idempotencyKey: `kept-${data}` });
    };
    const publishing = Array.from({ length: 50 }, publishNext);
    await publishing[3];
    await server.stop('SIGKILL');
    await waitFor('the loss', async () => events.includes('away'));
    publishing.push(...Array.from({ length: 50 }, publishNext));
    await server.start();
    const positions = await Promise.all(publishing);
    expect(positions.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    await using hub = await startHub(server.url);
    expect(await hub.kept('news.kept')).toEqual(inOrder(100));
    expect(events).toEqual(['away', 'back']);
  });

  it('[L203] without a key one whose answer was lost fails and says so; those behind it go out', async () => {
    await using proxy = await startTcpProxy(redis.port);
    await using publisher = open({ url: `redis://127.0.0.1:${proxy.port}`, waitMs: 60_000 });
    await publisher.publish('news.cut', 'first');
    const publishing = publisher.publishAll(Array.from({ length: 200 }, (_, data) => ({ channel: 'news.cut', data })));
    proxy.cut();
    const results = await publishing;
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(failed.length).toBeLessThanOrEqual(1);
    for (const error of failed) {
      expect(error).toBeInstanceOf(RedisUnavailable);
      expect(error).toMatchObject({ mayHaveRun: true });
    }
    const seqs = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.seq] : []));
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
  });

  it('[L203] a Redis that is not there is waited for, and no longer than that', async () => {
    await using proxy = await startTcpProxy(1);
    const url = `redis://127.0.0.1:${proxy.port}`;
    await using impatient = open({ url, waitMs: 1 });
    await expect(impatient.publish('news.none', 1)).rejects.toBeInstanceOf(RedisUnavailable);
    await using patient = open({ url, waitMs: 60_000 });
    const publishing = patient.publish('news.late', 1);
    proxy.target = redis.port;
    expect(await publishing).toMatchObject({ seq: 1 });
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['a number that is none', () => ({ a: Number.NaN })],
    ['a function', () => ({ a: [() => 1] })],
    ['a date', () => new Date(0)],
    ['a map', () => new Map([[1, 2]])],
    ['half a letter', () => 'a\ud800'],
    ['a whole number that may be rounded', () => 2 ** 60],
    [
      'a circle',
      () => {
        const circle: { self?: object } = {};
        circle.self = circle;
        return circle;
      },
    ],
    [
      'one that throws when it is read',
      () => ({
        get a() {
          throw new Error('unreadable');
        },
      }),
    ],
    [
      'more levels than readers take',
      () => {
        let nested: unknown = 1;
        for (let depth = 0; depth < 200; depth += 1) nested = [nested];
        return nested;
      },
    ],
  ])('[L205] data that is %s is rejected, and the channel goes on without a hole', async (_what, data) => {
    await using publisher = open();
    const { seq } = await publisher.publish('news.odd', 'before');
    await expect(publisher.publish('news.odd', data())).rejects.toBeInstanceOf(PublicationRejected);
    expect(await publisher.publish('news.odd', 'after')).toMatchObject({ seq: seq + 1 });
    expect(await publisher.newest('news.odd')).toMatchObject({ data: 'after' });
  });

  it('[L208] in a cluster it publishes on channels of all nodes', async () => {
    await using cluster = await startRedisCluster();
    await using publisher = open({ url: `cluster://${cluster.seeds}` });
    const names = Array.from({ length: 20 }, (_, at) => `news.${at}`);
    const results = await publisher.publishAll(names.flatMap((channel) => [0, 1].map((data) => ({ channel, data }))));
    const seqs = results.map((result) => result.status === 'fulfilled' && result.value.seq);
    expect(seqs).toEqual(names.flatMap(() => [1, 2]));
    await using hub = await startHub(`cluster://${cluster.seeds}`);
    expect(await hub.kept('news.7')).toEqual(inOrder(2));
  });

  it('[L209] a Redis that rejects the password is reported by the first publication, at once', async () => {
    const password = 'of nobody';
    await using server = await startRedisServer({ args: ['--requirepass', 'a secret of some length'] });
    await using publisher = open({ url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${server.port}` });
    await expect(publisher.publish('news.a', 1)).rejects.toBeInstanceOf(LayerRejected);
  });
});
