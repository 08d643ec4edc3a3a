import { describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { Redis } from 'ioredis';
import { connectPlain } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const token = 'an operator of some kind';
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

interface Status {
  readonly gateways: readonly {
    readonly id: string;
    readonly connections: number;
    readonly reasons: string[];
    readonly slowest: { id: string }[];
    readonly channels: { channel: string; users: number; rate: number | null }[];
  }[];
  readonly producers: readonly { readonly isLeading: boolean }[];
}
const statusAt = async (gateway: TickwireProcess): Promise<Status> =>
  (await fetch(`${gateway.url}/admin/api/status`, { headers })).json() as Promise<Status>;
const command = (gateway: TickwireProcess, body: object): Promise<Response> =>
  fetch(`${gateway.url}/admin/api/command`, { method: 'POST', headers, body: JSON.stringify(body) });

describe('the interface for operators', () => {
  it('[G82] is there with a token only, and for who has it', async () => {
    await using redis = await startRedisServer();
    await using closed = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '0' });
    expect((await fetch(`${closed.url}/admin/api/status`, { headers })).status).toBe(404);
    await using open = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '0', ADMIN_TOKEN: token });
    for (const wrong of [{}, { Authorization: 'Bearer wrong' }, { Authorization: `Bearer ${token}x` }])
      expect((await fetch(`${open.url}/admin/api/status`, { headers: wrong })).status).toBe(401);
    expect((await fetch(`${open.url}/admin/api/status`, { headers })).status).toBe(200);
    expect((await command(open, { gateway: 'x', act: 'explode' })).status).toBe(400);
    expect(open.output()).not.toContain(token);
  }, 30_000);

  it('[G83] [G84] tells of all, drains who is meant, and heeds nothing unsigned', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    const env = { REDIS_URL, DRAIN_MS: '0', ADMIN_TOKEN: token };
    await using _producer = await startTickwire('producer', { REDIS_URL, SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
    await using one = await startTickwire('gateway', env);
    await using two = await startTickwire('gateway', env);
    using client = await connectPlain(`${two.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    const status = await waitFor('all of them', async () => {
      const seen = await statusAt(one);
      return seen.gateways.length === 2 && seen.producers.length === 1 && seen.gateways[1]?.connections === 1 && seen;
    });
    expect(status.producers[0]).toMatchObject({ isLeading: true });
    expect(status.gateways[1]?.channels.find(({ channel }) => channel.startsWith('trade'))).toMatchObject({ users: 1 });
    const to = status.gateways[1]?.id ?? '';

    using other = await connectPlain(`${two.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    const session = (await statusAt(one)).gateways[1]?.slowest[0]?.id ?? '';
    expect((await command(one, { gateway: to, act: 'disconnect', session })).status).toBe(202);
    await Promise.race([client.closed, other.closed]);
    const [left, stayed] = other.socket.readyState === other.socket.CLOSED ? [other, client] : [client, other];
    expect((await left.closed).code).toBe(3503);

    const forger = new Redis(REDIS_URL);
    for (const at of [Date.now(), 0]) {
      const forged = { type: 'admin.order', to, act: 'drain', session: '', at, mac: 'AAAA' };
      await forger.publish('asgi__group__tickwire.admin', Buffer.from(encode(forged)));
    }
    forger.disconnect();
    // What was published before has been heard when the answer to a later question has come.
    expect((await statusAt(one)).gateways[1]).toMatchObject({ id: to, reasons: [] });

    expect((await command(one, { gateway: to, act: 'drain' })).status).toBe(202);
    expect((await stayed.closed).code).toBe(3001);
    expect((await fetch(`${two.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${one.url}/readyz`)).status).toBe(200);
  }, 40_000);
});
