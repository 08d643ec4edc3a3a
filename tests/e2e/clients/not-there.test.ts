import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { openCentrifuge } from '../../support/centrifuge-client.js';
import { proveAnswer } from '../../support/compatibility.js';
import { type MemoryGateway, startMemoryGateway } from '../../support/memory-gateway.js';
import { connectPlain } from '../../support/plain-client.js';

const channel = 'trade.sim.BTC-USD';

describe('what is not there', () => {
  let server: MemoryGateway;
  beforeAll(async () => {
    server = await startMemoryGateway();
    await server.publish(channel);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const centrifuge = async () => {
    const client = await openCentrifuge(server.url);
    await client.connect();
    return client;
  };

  it.each([
    ['`publish` from a client', { publish: { channel, data: {} } }, 'error 108 `not available`', 108],
    ['`presence`: lists of clients', { presence: { channel } }, 'error 108 `not available`', 108],
    ['`rpc`', { rpc: { method: 'x', data: {} } }, 'error 104 `method not found`', 104],
    [
      'map subscriptions and shared polls (`type`)',
      { subscribe: { channel, type: 1 } },
      'error 108 `not available`',
      108,
    ],
    ['filters on tags (`tf`)', { subscribe: { channel, tf: { op: 'x' } } }, 'error 108 `not available`', 108],
  ])('[CF20] [CF33] Centrifuge: %s', async (what, request, answer, code) => {
    await proveAnswer('Centrifuge', what, answer, async () => {
      using client = await centrifuge();
      expect(await client.call(request)).toMatchObject({ error: { code } });
      expect(await client.call({ ping: {} })).toHaveProperty('ping');
    });
  });

  it.each([
    ['deltas (`delta`)', { delta: 'fossil' }, 'subscribed without them'],
    ['joins and leaves (`join_leave`)', { join_leave: true }, 'subscribed without them'],
    ['numeric channel ids (`flag` 1)', { flag: 1 }, 'subscribed by name'],
  ])('[CF20] Centrifuge: %s', async (what, fields, answer) => {
    await proveAnswer('Centrifuge', what, answer, async () => {
      using client = await centrifuge();
      const { subscribe } = await client.call({ subscribe: { channel, ...fields } });
      expect(Object.keys(subscribe as object).sort()).toEqual(['epoch', 'offset', 'positioned', 'recoverable']);
      const { presence_stats } = await client.call({ presence_stats: { channel } });
      expect(presence_stats).toEqual({ num_clients: 1, num_users: 1 });
      expect(client.pushes('join')).toEqual([]);
    });
  });

  it('[CF33] Centrifuge: `send`', async () => {
    await proveAnswer('Centrifuge', '`send`, which has no reply', 'closed with 3508 `not available`', async () => {
      using client = await centrifuge();
      client.send({ send: { data: {} } });
      expect((await client.closed).code).toBe(3508);
    });
  });

  it.each([['user data (a listen key)', 'pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s', 'subscribed, and silent']])(
    '[G35] Binance: %s',
    async (what, stream, answer) => {
      await proveAnswer('Binance', what, answer, async () => {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
        await once(socket, 'open');
        socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: [stream, 'btcusd@depth7'], id: 1 }));
        const [data] = await once(socket, 'message');
        expect(JSON.parse(String(data))).toEqual({ result: null, id: 1 });
        socket.terminate();
      });
    },
  );

  it.each([['orders and accounts (`POST /api/v3/order`)', '/api/v3/order', 'POST']])(
    '[G64] Binance: %s',
    async (what, path, method) => {
      await proveAnswer('Binance', what, 'HTTP 404', async () => {
        expect((await fetch(server.url + path, { method })).status).toBe(404);
      });
    },
  );

  it('[G271] Binance: orders over the WebSocket API', async () => {
    const what = 'orders, accounts and sessions over the WebSocket API (`order.place`, `session.logon`)';
    await proveAnswer('Binance', what, 'status 404, error -1020', async () => {
      using client = await connectPlain(`${server.url}/ws-api/v3`);
      client.socket.send('{"id":1,"method":"order.place","params":{"symbol":"BTCUSD"}}');
      const answer = await client.until('the answer', ({ id }) => id === 1);
      expect(answer).toMatchObject({ status: 404, error: { code: -1020 } });
    });
  });

  it('[G14] plain JSON: publishing', async () => {
    await proveAnswer(
      'Plain JSON',
      'publishing',
      '`{"type":"error","reason":…}`; REST can: `POST /api/publish`',
      async () => {
        using client = await connectPlain(`${server.url}/ws/prediction/?channels=${channel}`);
        client.socket.send(JSON.stringify({ publish: { channel, message: { type: 'x' } } }));
        expect(await client.until('the answer', ({ type }) => type === 'error')).toHaveProperty('reason');
      },
    );
  });
});
