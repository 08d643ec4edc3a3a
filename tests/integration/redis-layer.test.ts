import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedisLayer, InvalidMessage, UnknownChannel } from '@tickwire/channel-layer';
import { createCollector, describeLayerContract, freshName } from '@tickwire/channel-layer/testing';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { openLayer, openRaw } from '../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

const servers: RedisServer[] = [];
const urls = (count: number): string[] => servers.slice(0, count).map(({ url }) => url);

beforeAll(async () => {
  for (let index = 0; index < 3; index += 1) servers.push(await startRedisServer());
});

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

describeLayerContract('the Redis layer on one host', (options) => openLayer({ ...options, hosts: urls(1) }));

describeLayerContract('the Redis layer on three hosts', (options) => openLayer({ ...options, hosts: urls(3) }));

describeLayerContract('the Redis layer with encryption', (options) =>
  openLayer({ ...options, hosts: urls(1), encryptionKeys: ['first key', 'second key'] }),
);

describeLayerContract(
  'the Redis layer with JSON',
  (options) => openLayer({ ...options, hosts: urls(1), serializer: 'json', prefix: 'other:app:' }),
  { carriesBytes: false },
);

describe('the Redis layer on the wire', () => {
  test('[L17] [L12 #24] [L12 #25] a group is one Redis channel, its message the bare msgpack map', async () => {
    for (const prefix of ['asgi', 'test_prefix']) {
      await using raw = await openRaw(urls(1)[0] as string);
      await using layer = await openLayer({ hosts: urls(1), prefix });
      await raw.listen(`${prefix}__group__quotes`);
      await layer.groupSend('quotes', { type: 'price.tick', price: 1.5, symbol: 'BTC-USD' });
      await waitFor('the message', () => raw.heard.length > 0);
      expect(raw.heard[0]?.payload.toString('hex')).toBe(
        '83a474797065aa70726963652e7469636ba57072696365cb3ff8000000000000a673796d626f6ca74254432d555344',
      );
    }
  });

  test('[L17] a new channel is its own Redis channel, an agreed one too, without the prefix', async () => {
    await using raw = await openRaw(urls(1)[0] as string);
    await using layer = await openLayer({ hosts: urls(1) });
    const channel = await layer.newChannel();
    expect(channel).toMatch(/^asgispecific\.[0-9a-f]{32}$/);
    expect(await raw.subscribers(channel)).toBe(1);
    const agreed = freshName('worker');
    await raw.listen(agreed);
    await layer.send(agreed, { type: 't' });
    await waitFor('the message', () => raw.heard.length > 0);
  });

  test('[L17] nothing but pub/sub, and what greets a server, is asked of Redis', async () => {
    await using raw = await openRaw(urls(1)[0] as string);
    const commands = await raw.monitor();
    await using layer = await openLayer({ hosts: urls(1), pingMs: 20 });
    const group = freshName('group');
    const channel = await layer.newChannel();
    await layer.groupAdd(group, channel);
    await layer.groupSend(group, { type: 't' });
    await layer.receive(channel);
    await waitFor('a heartbeat', () => commands.has('ping'));
    await layer.releaseChannel(channel);
    await layer.close();
    await waitFor('the end', () => commands.has('quit'));
    const expected = new Set(['hello', 'info', 'ping', 'publish', 'quit', 'subscribe', 'unsubscribe']);
    expect([...commands].filter((command) => !expected.has(command))).toEqual([]);
  });

  test('[L6] each group lives on the host that the ring gives it', async () => {
    await using layer = await openLayer({ hosts: urls(3) });
    // channels_redis puts these on hosts 1, 2 and 0 of three.
    const places: readonly (readonly [group: string, host: number])[] = [
      ['quotes', 1],
      ['BTC-USD', 1],
    ];
    for (const [group, host] of places) {
      await layer.groupListen(group, () => {});
      for (const [index, url] of urls(3).entries()) {
        await using raw = await openRaw(url);
        expect(await raw.subscribers(`asgi__group__${group}`)).toBe(index === host ? 1 : 0);
      }
    }
  });

  test('[L6] [L12 #11] with ten hosts every group reaches its members', async () => {
    const hosts = Array.from({ length: 10 }, (_, index) => urls(3)[index % 3] as string);
    await using layer = await openLayer({ hosts });
    const channel = await layer.newChannel();
    for (let n = 0; n < 30; n += 1) {
      const group = freshName('group');
      await layer.groupAdd(group, channel);
      await layer.groupSend(group, { type: 't', n });
      expect((await layer.receive(channel))['n']).toBe(n);
    }
  });

  test('[L10] a channel that was not opened here cannot be a member', async () => {
    await using here = await openLayer({ hosts: urls(1) });
    await using there = await openLayer({ hosts: urls(1) });
    const channel = await there.newChannel();
    await expect(here.groupAdd('group', channel)).rejects.toThrow(UnknownChannel);
  });

  test('[L7] two layers that receive from one agreed channel both get its messages', async () => {
    await using one = await openLayer({ hosts: urls(1) });
    await using two = await openLayer({ hosts: urls(1) });
    const channel = freshName('agreed');
    const reads = [one.receive(channel), two.receive(channel)];
    await using raw = await openRaw(urls(1)[0] as string);
    await waitFor('both', async () => (await raw.subscribers(channel)) === 2);
    await one.send(channel, { type: 't' });
    expect(await Promise.all(reads)).toEqual([{ type: 't' }, { type: 't' }]);
  });

  test('[L8] a send to a full mailbox drops its oldest message there, and the sender does not know', async () => {
    await using layer = await openLayer({ hosts: urls(1), capacity: 2 });
    const channel = await layer.newChannel();
    for (let n = 0; n < 5; n += 1) await layer.send(channel, { type: 't', n });
    const group = freshName('group');
    // One host, one connection: what is heard after the sends shows that they have arrived.
    const through = createCollector<unknown>();
    await layer.groupListen(group, through.add);
    await layer.groupSend(group, { type: 't' });
    await through.reached(1);
    expect([(await layer.receive(channel))['n'], (await layer.receive(channel))['n']]).toEqual([3, 4]);
  });

  test('[L17] only the prefix keeps applications apart, the database number does not', async () => {
    await using zero = await openLayer({ hosts: urls(1) });
    await using seven = await openLayer({ hosts: [`${urls(1)[0]}/7`] });
    await using other = await openLayer({ hosts: urls(1), prefix: 'other' });
    const group = freshName('group');
    const heard: string[] = [];
    await zero.groupListen(group, () => heard.push('zero'));
    await other.groupListen(group, () => heard.push('other'));
    await seven.groupSend(group, { type: 't' });
    await zero.groupSend(group, { type: 't' });
    await waitFor('both messages', () => heard.length === 2);
    expect(heard).toEqual(['zero', 'zero']);
  });

  test('[L17] the layer’s connection runs other commands on the server of an address', async () => {
    await using layer = await openLayer({ hosts: urls(3) });
    const key = `test:state:${randomUUID()}`;
    await layer.call('asgi__group__quotes', 'set', [key, Buffer.from([0, 255])]);
    expect(await layer.call('asgi__group__quotes', 'get', [key])).toEqual(Buffer.from([0, 255]));
    await expect(layer.call('asgi__group__quotes', 'hget', [key, 'f'])).rejects.toThrow('WRONGTYPE');
  });

  test('[L2] a refused message never reaches Redis, a 1 MB one arrives whole', async () => {
    await using layer = await openLayer({ hosts: urls(1) });
    const channel = await layer.newChannel();
    await expect(layer.send(channel, { type: 't', bad: new Map() })).rejects.toThrow(InvalidMessage);
    const text = 'x'.repeat(1_000_000);
    await layer.send(channel, { type: 't', text });
    expect(await layer.receive(channel)).toEqual({ type: 't', text });
  });

  test('[L64] processes take the serializer from their settings, for the layer and for history', async () => {
    await using raw = await openRaw(servers[0]?.url ?? '');
    const variables = { REDIS_URL: servers[0]?.url, LAYER_SERIALIZER: 'json', LAYER_PREFIX: 'in-json' };
    const backend = await openRedisBackend(redisConfig(variables), createLogger('test', 'silent'));
    try {
      await raw.listen('in-json__group__quotes');
      await backend.layer.groupSend('quotes', { type: 'a' });
      const message = { type: 'b', seq: 1, epoch: 'e1' };
      await backend.history.append([{ group: 'quotes', epoch: 'e1', firstSeq: 1, messages: [message] }], 1);
      await waitFor('both', () => raw.heard.length === 2);
      expect(raw.heard.map(({ payload }) => payload.toString())).toEqual([
        '{"type": "a"}',
        '{"type": "b", "seq": 1, "epoch": "e1"}',
      ]);
      expect((await backend.history.newest(['quotes'], 1))[0]?.messages).toEqual([message]);
    } finally {
      await backend.close();
    }
  });

  test('[L20] hosts and prefixes that cannot be meant are refused at once, without the password', () => {
    for (const host of ['localhost', 'http://localhost', ':secret@host', 'redis//x:secret@y']) {
      expect(() => createRedisLayer({ hosts: [host] })).toThrow('a Redis host is a redis://');
      expect(() => createRedisLayer({ hosts: [host] })).not.toThrow('secret');
    }
    expect(() => createRedisLayer({ hosts: [] })).toThrow('at least one');
    expect(() => createRedisLayer({ hosts: [{ sentinels: [], name: 'm' }] })).toThrow('sentinels');
    expect(() => createRedisLayer({ prefix: 'é' })).toThrow('prefix');
  });
});
