import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CentrifugeClient, type Fields, openCentrifuge } from '../support/centrifuge-client.js';
import { firstEpoch, type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';
const eth = 'trade.sim.ETH-USD';

/** Both ends included. */
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('the Centrifuge protocol in JSON, over the in-memory layer', () => {
  let server: MemoryGateway;
  let clients: CentrifugeClient[];

  const open = async (options?: Parameters<typeof openCentrifuge>[1]): Promise<CentrifugeClient> => {
    const client = await openCentrifuge(server.url, options);
    clients.push(client);
    return client;
  };

  const connected = async (): Promise<CentrifugeClient> => {
    const client = await open();
    await client.connect();
    return client;
  };

  const restart = async (options: Parameters<typeof startMemoryGateway>[0]): Promise<void> => {
    await server[Symbol.asyncDispose]();
    server = await startMemoryGateway(options);
  };

  const publishMany = async (channel: string, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await server.publish(channel, { price: '1.10' });
  };

  const subscribe = async (client: CentrifugeClient, request: object): Promise<Fields> => {
    const reply = await client.call({ subscribe: { channel: btc, ...request } });
    expect(reply['error']).toBeUndefined();
    return reply['subscribe'] as Fields;
  };

  const offsetsOf = (result: Fields): number[] =>
    ((result['publications'] ?? []) as Fields[]).map(({ offset }) => Number(offset));

  beforeEach(async () => {
    clients = [];
    server = await startMemoryGateway();
  });
  afterEach(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  describe('connecting', () => {
    it.each([{ id: 1, subscribe: { channel: btc } }, { id: 1, ping: {} }, {}])(
      '[CF1] %j before connect closes with 3501',
      async (command) => {
        const client = await open();
        client.send(command);
        const { code, reason } = await client.closed;
        expect(code).toBe(3501);
        expect(reason).toContain('bad request');
      },
    );

    it('[CF2] connect is answered with an id of its own, the ping interval and pong', async () => {
      const [one, other] = [await open(), await open()];
      const reply = await one.connect({ token: '', data: { any: 'thing' }, name: 'js', version: '1.0' });
      expect(reply).toEqual({
        id: 1,
        connect: {
          client: expect.stringMatching(/^[0-9a-f-]{36}$/),
          version: 'tickwire',
          ping: 25,
          pong: true,
          node: hostname().slice(0, 64),
          data: { gateway: (reply['connect'] as Fields)['node'] },
        },
      });
      const second = (await other.connect())['connect'] as Fields;
      expect(second['client']).not.toBe((reply['connect'] as Fields)['client']);
    });

    it('[CF2] a second connect closes with 3501', async () => {
      const client = await connected();
      client.send({ id: 2, connect: {} });
      expect((await client.closed).code).toBe(3501);
    });

    it('[CF3] commands behind the connect in one frame are carried out after it, in order', async () => {
      await publishMany(btc, 3);
      const client = await open();
      client.send(
        { id: 1, connect: {} },
        { id: 2, subscribe: { channel: btc } },
        { id: 3, subscribe: { channel: btc } },
        { id: 4, unsubscribe: { channel: eth } },
        { id: 5, history: { channel: btc, limit: 1 } },
      );
      for (const id of [1, 2, 3, 4, 5]) await client.reply(id);
      expect(client.received[0]).toHaveProperty('connect');
      expect(await client.reply(2)).toHaveProperty('subscribe.offset', 3);
      expect(await client.reply(3)).toHaveProperty('error.code', 105);
      expect(await client.reply(4)).toEqual({ id: 4, unsubscribe: {} });
    });
  });

  describe('subscribing', () => {
    it('[CF10] answers with the position and pushes every publication behind it, in order, once', async () => {
      await publishMany(btc, 5);
      const client = await connected();
      expect(await subscribe(client, { flag: 1 })).toEqual({
        recoverable: true,
        positioned: true,
        epoch: firstEpoch,
        offset: 5,
      });
      await publishMany(btc, 50);
      await waitFor('50 publications', () => client.pubs(btc).length >= 50);
      expect(client.offsets(btc)).toEqual(range(6, 55));
      expect(client.pubs(btc)[0]).toEqual({
        data: { type: 'price.trade', price: '1.10', seq: 6, epoch: firstEpoch, pts: 1 },
        offset: 6,
      });
    });

    it('[CF10] channels of one client keep apart', async () => {
      const client = await connected();
      await subscribe(client, {});
      await subscribe(client, { channel: eth });
      await Promise.all([publishMany(btc, 10), publishMany(eth, 7)]);
      await waitFor('both', () => client.pubs(btc).length + client.pubs(eth).length >= 17);
      expect([client.offsets(btc).length, client.offsets(eth).length]).toEqual([10, 7]);
    });

    it('[CF10] a message without a position has no offset', async () => {
      const client = await connected();
      await subscribe(client, {});
      await server.layer.groupSend(btc, { type: 'price.trade', price: '5', big: 2n ** 60n });
      const [pub] = await waitFor('the message', () => client.pubs(btc).length > 0 && client.pubs(btc));
      expect(pub).toEqual({ data: { type: 'price.trade', price: '5', big: String(2n ** 60n) } });
    });

    it('[CF11] recovers what was missed', async () => {
      await publishMany(btc, 9);
      const client = await connected();
      const result = await subscribe(client, { recover: true, epoch: firstEpoch, offset: 4 });
      expect(result).toMatchObject({
        recoverable: true,
        epoch: firstEpoch,
        offset: 4,
        was_recovering: true,
        recovered: true,
      });
      expect(offsetsOf(result)).toEqual([5, 6, 7, 8, 9]);
      await publishMany(btc, 2);
      await waitFor('the next two', () => client.pubs(btc).length >= 2);
      expect(client.offsets(btc)).toEqual([10, 11]);
    });

    it.each<[string, published: number, request: object, offset: number | undefined, recovered: readonly number[]]>([
      ['[CF11] far more than is kept in memory', 3_000, { epoch: firstEpoch, offset: 10 }, 10, range(11, 3_000)],
      ['[CF11] an epoch without an offset: from the beginning', 3, { epoch: firstEpoch }, undefined, [1, 2, 3]],
      ['[CF11] nothing missed', 3, { epoch: firstEpoch, offset: 3 }, 3, []],
      ['[CF12] no position: the newest publication', 7, {}, 6, [7]],
      ['[CF13] a position without an epoch, in whatever epoch there is', 7, { offset: 5 }, 5, [6, 7]],
      ['[CF17] with an interval: the newest', 20, { data: { interval: 250 }, epoch: firstEpoch, offset: 4 }, 19, [20]],
    ])('%s is recovered', async (_what, published, request, offset, recovered) => {
      await publishMany(btc, published);
      const client = await connected();
      const result = await subscribe(client, { recover: true, ...request });
      expect(result).toMatchObject({ was_recovering: true, recovered: true });
      expect(result['offset']).toBe(offset);
      expect(offsetsOf(result)).toEqual(recovered);
    });

    it.each([
      ['of another epoch', { epoch: 'e0', offset: 3 }],
      ['whose followers are gone', { epoch: firstEpoch, offset: 1 }],
      ['that was never reached', { epoch: firstEpoch, offset: 1_000 }],
    ])('[CF11] a position %s: recovered is false, no publications, the newest position', async (_what, position) => {
      await restart({ historySize: 5, env: { GROUP_LINGER_MS: '0' } });
      await publishMany(btc, 20);
      const client = await connected();
      const result = await subscribe(client, { recover: true, ...position });
      expect(result).toEqual({
        recoverable: true,
        positioned: true,
        epoch: firstEpoch,
        offset: 20,
        was_recovering: true,
      });
    });

    it('[CF12] there may be none', async () => {
      const client = await connected();
      const result = await subscribe(client, { recover: true });
      expect(result).toMatchObject({ was_recovering: true, recoverable: true });
      expect(result).not.toHaveProperty('recovered');
    });

    it('[CF14] with flag 2 what cannot be recovered is refused with 112', async () => {
      await publishMany(btc, 7);
      const client = await connected();
      const request = { channel: btc, recover: true, epoch: 'e0', offset: 5, flag: 3 };
      expect(await client.call({ subscribe: request })).toMatchObject({ error: { code: 112 } });
      await publishMany(btc, 1);
      expect(await subscribe(client, {})).toHaveProperty('offset', 8);
      expect(client.pubs(btc)).toEqual([]);
    });

    it('[CF15] who came before the first publication learns the epoch with it, and recovers', async () => {
      const client = await connected();
      const result = await subscribe(client, {});
      expect(result).toMatchObject({ recoverable: true, epoch: '_' });
      await publishMany(btc, 2);
      await waitFor('both', () => client.pubs(btc).length >= 2);
      expect(client.pubs(btc).map(({ epoch }) => epoch)).toEqual([firstEpoch, undefined]);
      const other = await connected();
      expect(await subscribe(other, { recover: true, epoch: '_', offset: 1 })).not.toHaveProperty('recovered');
    });

    it('[CF16] data.last begins with the newest so many', async () => {
      await publishMany(btc, 20);
      const client = await connected();
      const result = await subscribe(client, { data: { last: 3 } });
      expect(result).not.toHaveProperty('recovered');
      expect([result['offset'], ...offsetsOf(result)]).toEqual([17, 18, 19, 20]);
    });

    it('[CF16] data.last also where a recovery failed, and not where it did not', async () => {
      await publishMany(btc, 20);
      const client = await connected();
      const failed = await subscribe(client, { data: { last: 2 }, recover: true, epoch: 'e0', offset: 4 });
      expect(failed).not.toHaveProperty('recovered');
      expect([failed['offset'], ...offsetsOf(failed)]).toEqual([18, 19, 20]);
      const other = await connected();
      const recovered = await subscribe(other, { data: { last: 2 }, recover: true, epoch: firstEpoch, offset: 16 });
      expect(recovered['recovered']).toBe(true);
      expect(offsetsOf(recovered)).toEqual([17, 18, 19, 20]);
    });

    it('[CF17] data.interval gives the newest at the end of each interval', async () => {
      const client = await connected();
      await subscribe(client, { data: { interval: 60 } });
      const beganMs = performance.now();
      let last = 0;
      await waitFor('five of them', async () => {
        last = await server.publish(btc);
        return client.offsets(btc).length >= 5;
      });
      await waitFor('the last one', () => client.offsets(btc).at(-1) === last);
      const intervals = (performance.now() - beganMs) / 60;
      expect(client.offsets(btc).length).toBeLessThan(intervals + 3);
      expect(client.offsets(btc)).toEqual([...client.offsets(btc)].sort((a, b) => a - b));
    });

    it.each([
      [{ interval: 5 }, 'interval must be a whole number from 20 to 60000'],
      [{ interval: '250' }, 'interval must be a whole number'],
      [{ interval: 250.5 }, 'interval must be a whole number'],
      [{ last: -1 }, 'last must be a whole number from 0 to 1000'],
      [{ last: 1e300 }, 'last must be a whole number'],
      ['text', 'data must be an object'],
      [[1], 'data must be an object'],
    ])('[CF18] data %j is refused with 107', async (data, message) => {
      const client = await connected();
      const reply = await client.call({ subscribe: { channel: btc, data } });
      expect(reply).toMatchObject({ error: { code: 107, message: expect.stringContaining(message) } });
      expect(await subscribe(client, { data: { unknown: 1 } })).toMatchObject({ recoverable: true });
    });

    it('[CF19] unknown channels are 102, a second subscribe 105', async () => {
      const client = await connected();
      for (const channel of ['nonsense', 'trade.sim.NO-SUCH', 'catalog', 'x'.repeat(300), '__proto__']) {
        expect(await client.call({ subscribe: { channel } })).toMatchObject({ error: { code: 102 } });
      }
      await subscribe(client, {});
      expect(await client.call({ subscribe: { channel: btc } })).toMatchObject({ error: { code: 105 } });
      expect(await client.call({ subscribe: { channel: btc, recover: true, epoch: 'e1', offset: 1 } })).toMatchObject({
        error: { code: 105 },
      });
    });

    it('[CF19] more than MAX_CHANNELS is 106, until one is left', async () => {
      await restart({ env: { MAX_CHANNELS: '2' } });
      const client = await connected();
      await subscribe(client, {});
      await subscribe(client, { channel: eth });
      const third = { subscribe: { channel: 'ticker.sim.BTC-USD' } };
      const refused = await client.call(third);
      expect(refused).toMatchObject({ error: { code: 106 } });
      expect(refused).not.toHaveProperty('error.temporary');
      await client.call({ unsubscribe: { channel: eth } });
      expect(await client.call(third)).toHaveProperty('subscribe');
    });

    it.each([{ type: 1 }, { type: 4 }, { tf: { key: 'a', cmp: 'eq', val: 'b' } }])(
      '[CF20] %j is refused with 108',
      async (request) => {
        const client = await connected();
        const reply = await client.call({ subscribe: { channel: btc, ...request } });
        expect(reply).toMatchObject({ error: { code: 108 } });
      },
    );

    it('[CF20] delta, join_leave and numeric ids are passed over', async () => {
      const client = await connected();
      const result = await subscribe(client, { flag: 1, delta: 'fossil', join_leave: true, positioned: true });
      expect(Object.keys(result).sort()).toEqual(['epoch', 'positioned', 'recoverable']);
    });

    it('[CF21] a history that fails is error 100, temporary; the next subscribe works', async () => {
      let isDown = false;
      await restart({
        onRead: () => {
          if (isDown) throw new Error('made to fail');
        },
      });
      isDown = true;
      const client = await connected();
      const reply = await client.call({ subscribe: { channel: btc } });
      expect(reply).toMatchObject({ error: { code: 100, temporary: true } });
      isDown = false;
      await subscribe(client, {});
    });

    it('[CF26] unsubscribe is answered with {}, and nothing of the channel follows', async () => {
      const client = await connected();
      await subscribe(client, {});
      await publishMany(btc, 3);
      await waitFor('three', () => client.pubs(btc).length === 3);
      expect(await client.call({ unsubscribe: { channel: btc } })).toMatchObject({ unsubscribe: {} });
      await publishMany(btc, 3);
      expect(await subscribe(client, { recover: true, epoch: firstEpoch, offset: 3 })).toMatchObject({
        recovered: true,
      });
      expect(client.pubs(btc).length).toBe(3);
      expect(await client.call({ unsubscribe: { channel: 'never.was.SUBSCRIBED-TO' } })).toMatchObject({
        unsubscribe: {},
      });
    });

    it('[CF26] a subscribe that waits is called off', async () => {
      let release = (): void => {};
      let isHeld = false;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await restart({ onRead: () => (isHeld ? held : undefined) });
      const client = await connected();
      isHeld = true;
      client.send(
        { id: 10, subscribe: { channel: btc } },
        { id: 11, unsubscribe: { channel: btc } },
        { id: 12, subscribe: { channel: btc } },
      );
      expect(await client.reply(10)).toMatchObject({ error: { code: 100, temporary: true } });
      expect(await client.reply(11)).toMatchObject({ unsubscribe: {} });
      isHeld = false;
      release();
      expect(await client.reply(12)).toHaveProperty('subscribe');
      await publishMany(btc, 3);
      await waitFor('three', () => client.pubs(btc).length >= 3);
      expect(client.offsets(btc)).toEqual([1, 2, 3]);
    });
  });

  describe('a loss', () => {
    it('[CF22] is reported as unsubscribe 2500; who subscribes again learns that nothing could be recovered', async () => {
      await publishMany(btc, 5);
      const client = await connected();
      await subscribe(client, {});
      await publishMany(btc, 2);
      await server.reset(btc, 'e2');
      await publishMany(btc, 3);
      await waitFor('the loss', () => client.pushes('unsubscribe').length > 0);
      expect(client.pushes('unsubscribe')).toEqual([
        { channel: btc, unsubscribe: { code: 2500, reason: 'insufficient state' } },
      ]);
      const result = await subscribe(client, { recover: true, epoch: firstEpoch, offset: 7 });
      expect(result).toMatchObject({ was_recovering: true, epoch: 'e2' });
      expect(result).not.toHaveProperty('recovered');
      const before = client.pubs(btc).length;
      await publishMany(btc, 4);
      const from = Number(result['offset']);
      await waitFor('the rest', () => client.offsets(btc).at(-1) === from + 4);
      expect(client.offsets(btc).slice(before)).toEqual([1, 2, 3, 4].map((n) => from + n));
      // Notified once, allowed once.
      expect(await client.call({ subscribe: { channel: btc } })).toMatchObject({ error: { code: 105 } });
    });
  });

  describe('other commands', () => {
    const history = async (client: CentrifugeClient, request: object): Promise<Fields> => {
      const reply = await client.call({ history: { channel: btc, ...request } });
      expect(reply['error']).toBeUndefined();
      return reply['history'] as Fields;
    };

    it('[GL38] a long history comes whole, from either end', async () => {
      await publishMany(btc, 450);
      const client = await connected();
      const all = Array.from({ length: 450 }, (_, index) => index + 1);
      expect(offsetsOf(await history(client, { limit: -1 }))).toEqual(all);
      expect(offsetsOf(await history(client, { limit: 401, reverse: true }))).toEqual(all.slice(-401).reverse());
      const since = { offset: 40, epoch: firstEpoch };
      expect(offsetsOf(await history(client, { limit: 300, since }))).toEqual(all.slice(40, 340));
    });

    it('[CF30] history from either end, after and before a position', async () => {
      await restart({ historySize: 10 });
      await publishMany(btc, 25);
      const client = await connected();
      const since = (offset: number) => ({ since: { offset, epoch: firstEpoch } });
      expect(await history(client, {})).toEqual({ publications: [], epoch: firstEpoch, offset: 25 });
      expect(offsetsOf(await history(client, { limit: 3 }))).toEqual([16, 17, 18]);
      expect(offsetsOf(await history(client, { limit: -1 }))).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
      expect(offsetsOf(await history(client, { limit: 3, reverse: true }))).toEqual([25, 24, 23]);
      expect(offsetsOf(await history(client, { limit: 3, ...since(20) }))).toEqual([21, 22, 23]);
      expect(offsetsOf(await history(client, { limit: 3, ...since(25) }))).toEqual([]);
      expect(offsetsOf(await history(client, { limit: 3, ...since(20), reverse: true }))).toEqual([19, 18, 17]);
      expect(offsetsOf(await history(client, { limit: 100, ...since(18), reverse: true }))).toEqual([17, 16]);
      expect(offsetsOf(await history(client, { limit: 100, ...since(16), reverse: true }))).toEqual([]);
      expect(offsetsOf(await history(client, { limit: 2, ...since(99), reverse: true }))).toEqual([25, 24]);
      const publications = (await history(client, { limit: 1 }))['publications'] as Fields[];
      expect(publications[0]).toMatchObject({ data: { type: 'price.trade', seq: 16 }, offset: 16 });
    });

    it('[CF30] an empty channel has an empty history', async () => {
      const client = await connected();
      expect(await history(client, { limit: 5 })).toEqual({ publications: [], epoch: '', offset: 0 });
      expect(await history(client, { limit: 5, reverse: true })).toEqual({ publications: [], epoch: '', offset: 0 });
    });

    it.each([
      [{ since: { offset: 3, epoch: 'e0' }, limit: 5 }, 112],
      [{ since: { offset: 3, epoch: firstEpoch }, limit: 5 }, 112],
      [{ since: { offset: 0, epoch: firstEpoch }, limit: 5, reverse: true }, 107],
      [{ channel: 'nonsense', limit: 5 }, 102],
    ])('[CF30] history %j is error %d', async (request, code) => {
      await restart({ historySize: 10 });
      await publishMany(btc, 25);
      const client = await connected();
      expect(await client.call({ history: { channel: btc, ...request } })).toMatchObject({ error: { code } });
    });

    it('[CF31] more than 8 reads at once are 111, temporary', async () => {
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let isHeld = false;
      await restart({ onRead: () => (isHeld ? held : undefined) });
      const client = await connected();
      isHeld = true;
      client.send(...Array.from({ length: 9 }, (_, index) => ({ id: 20 + index, history: { channel: btc } })));
      expect(await client.reply(28)).toMatchObject({ error: { code: 111, temporary: true } });
      release();
      expect(await client.reply(20)).toHaveProperty('history');
      expect(await client.reply(27)).toHaveProperty('history');
    });

    it('[CF32] presence_stats counts the clients of a channel', async () => {
      const [one, two, three] = [await connected(), await connected(), await connected()];
      await subscribe(one, {});
      await subscribe(two, {});
      await subscribe(three, { channel: eth });
      const stats = async () => (await three.call({ presence_stats: { channel: btc } }))['presence_stats'];
      expect(await stats()).toEqual({ num_clients: 2, num_users: 1 });
      await one.call({ unsubscribe: { channel: btc } });
      expect(await stats()).toEqual({ num_clients: 1, num_users: 1 });
      two.socket.close();
      await waitFor('nobody', async () => ((await stats()) as Fields)['num_clients'] === 0);
      expect(await three.call({ presence_stats: { channel: 'nonsense' } })).toMatchObject({ error: { code: 102 } });
    });

    it.each([
      [{ publish: { channel: btc, data: {} } }, 108],
      [{ presence: { channel: btc } }, 108],
      [{ refresh: { token: 'x' } }, 108],
      [{ sub_refresh: { channel: btc, token: 'x' } }, 108],
      [{ rpc: { method: 'm', data: {} } }, 104],
    ])('[CF33] %j is error %d', async (request, code) => {
      const client = await connected();
      expect(await client.call(request)).toMatchObject({ error: { code } });
      expect(await client.call({ ping: {} })).toMatchObject({ ping: {} });
    });

    it('[CF33] send closes with 3508', async () => {
      const client = await connected();
      client.send({ send: { data: {} } });
      expect(await client.closed).toEqual({ code: 3508, reason: 'not available' });
    });

    it.each([
      ['no JSON', 'hello'],
      ['half of it', '{"id":2,"subscribe":{"chan'],
      ['an array', '[]'],
      ['null', 'null'],
      ['a number', '5'],
      ['nothing', ''],
      ['blank lines', '\n\n'],
      ['an unknown request', '{"id":2,"dance":{}}'],
      ['an id that is negative', '{"id":-1,"ping":{}}'],
      ['an id that is a string', '{"id":"2","ping":{}}'],
      ['an id beyond 32 bits', '{"id":4294967296,"ping":{}}'],
      ['a request without an id', '{"ping":{}}'],
      ['a channel that is a number', '{"id":2,"subscribe":{"channel":5}}'],
      ['no channel', '{"id":2,"subscribe":{}}'],
      ['no channel to leave', '{"id":2,"unsubscribe":{}}'],
      ['an offset that is negative', '{"id":2,"subscribe":{"channel":"a","offset":-4}}'],
      ['an offset that is huge', '{"id":2,"subscribe":{"channel":"a","offset":1e300}}'],
      ['a pong nobody asked for', '{}'],
    ])('[CF34] %s closes with 3501', async (_what, frame) => {
      const client = await connected();
      client.sendRaw(frame);
      expect((await client.closed).code).toBe(3501);
    });
  });

  describe('keeping alive', () => {
    it('[CF40] pings come with an empty reply, and who answers stays', async () => {
      await restart({ env: { PING_MS: '250' } });
      const client = await connected();
      const pings = () => client.received.filter((message) => Object.keys(message).length === 0).length;
      await waitFor('four pings', () => pings() >= 4);
      expect(await client.call({ ping: {} })).toMatchObject({ ping: {} });
    });

    it('[CF40] who does not answer is closed with 3012', async () => {
      await restart({ env: { PING_MS: '250' } });
      const client = await open({ answersPings: false });
      await client.connect();
      expect(await client.closed).toEqual({ code: 3012, reason: 'no pong' });
    });

    it('[CF40] a second answer to one ping closes with 3501', async () => {
      await restart({ env: { PING_MS: '500' } });
      const client = await open({ answersPings: false });
      await client.connect();
      await waitFor('a ping', () => client.received.length >= 2);
      client.send({}, {});
      expect((await client.closed).code).toBe(3501);
    });
  });

  describe('encodings', () => {
    it('[CF51] an empty Sec-WebSocket-Protocol header is no reason to refuse', async () => {
      const socket = connectTcp(server.gateway.port, '127.0.0.1');
      socket.write(
        'GET /connection/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: \r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
    });

    it('[CF52] with compression the publications of a pass are one frame', async () => {
      await restart({ env: { COMPRESSION: 'on', MIN_PASS_MS: '100' } });
      const client = await open({ perMessageDeflate: true });
      expect(client.socket.extensions).toContain('permessage-deflate');
      await client.connect();
      await publishMany(btc, 300);
      const result = await subscribe(client, { recover: true, epoch: firstEpoch });
      expect(offsetsOf(result).length).toBe(300);
      const before = client.frames.length;
      await publishMany(btc, 200);
      await waitFor('200 publications', () => client.pubs(btc).length >= 200);
      expect(client.offsets(btc)).toEqual(Array.from({ length: 200 }, (_, index) => index + 301));
      expect(client.frames.length - before).toBeLessThan(100);
    });
  });
});
