import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decode, encode } from '@msgpack/msgpack';
import type { OperatorView } from '@tickwire/protocol';
import { Redis } from 'ioredis';
import { operatorLogin } from '../support/limited-users.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const token = 'an operator of some kind';
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

const statusAt = async (gateway: TickwireProcess): Promise<OperatorView> =>
  (await fetch(`${gateway.url}/admin/api/status`, { headers })).json() as Promise<OperatorView>;
const command = (gateway: Pick<TickwireProcess, 'url'>, body: object): Promise<Response> =>
  fetch(`${gateway.url}/admin/api/command`, { method: 'POST', headers, body: JSON.stringify(body) });

describe('the interface for operators', () => {
  it('[G82] exists only with a token, and answers only requests with it', async () => {
    await using closed = await startMemoryGateway();
    expect((await fetch(`${closed.url}/admin/api/status`, { headers })).status).toBe(404);
    await using open = await startMemoryGateway({ env: { ADMIN_TOKEN: token } });
    for (const wrong of [{}, { Authorization: 'Bearer wrong' }, { Authorization: `Bearer ${token}x` }])
      expect((await fetch(`${open.url}/admin/api/status`, { headers: wrong })).status).toBe(401);
    expect((await fetch(`${open.url}/admin/api/status`, { headers })).status).toBe(200);
    const metrics = await (await fetch(`${open.url}/metrics`)).text();
    expect(metrics).toContain('tickwire_refusals_total{reason="admin-token"} 3');
    expect((await command(open, { gateway: 'x', act: 'explode' })).status).toBe(400);
  });

  it('[G82] has its own port if that is set, and no other spelling', async () => {
    await using open = await startMemoryGateway({ env: { ADMIN_TOKEN: token } });
    for (const path of ['/admin', '/admin/']) {
      const page = await fetch(`${open.url}${path}`);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(await page.text()).toContain('Tickwire operators');
    }
    const spellings = ['/ADMIN', '/Admin/api/status', '/%61dmin', '//admin', '/x/..%2fadmin', '/admin/api/nothing'];
    for (const path of spellings) expect((await fetch(`${open.url}${path}`, { headers })).status).toBe(404);
    const broken = await fetch(`${open.url}/admin/api/command`, { method: 'POST', headers, body: '{"gateway":' });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toEqual({ error: 'invalid JSON' });

    await using apart = await startMemoryGateway({ env: { ADMIN_TOKEN: token, ADMIN_PORT: '0' } });
    const inside = `http://127.0.0.1:${apart.gateway.adminPort}`;
    expect(inside).not.toBe(apart.url);
    for (const path of ['/admin', '/admin/api/status', '/admin/favicon.svg']) {
      expect((await fetch(`${apart.url}${path}`, { headers })).status).toBe(404);
      expect((await fetch(`${inside}${path}`, { headers })).status).toBe(200);
    }
    expect((await fetch(`${inside}/readyz`)).status).toBe(404);
    await using closed = await startMemoryGateway();
    expect((await fetch(`${closed.url}/admin`)).status).toBe(404);
    expect((await fetch(`${closed.url}/admin/favicon.svg`)).status).toBe(404);
  });

  describe('of two gateways and a producer', () => {
    let redis: RedisServer;
    let producer: TickwireProcess;
    let one: TickwireProcess;
    let two: TickwireProcess;
    beforeAll(async () => {
      redis = await startRedisServer();
      const env = { REDIS_URL: redis.url, ADMIN_TOKEN: token };
      producer = await startTickwire('producer', { ...env, SIM_RATE: '40' });
      one = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
      two = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    });
    afterAll(async () => {
      for (const each of [two, one, producer, redis]) await each?.[Symbol.asyncDispose]();
    });

    it('[G83] [G84] shows all gateways, drains the named one, and ignores unsigned orders', async () => {
      using client = await connectPlain(`${two.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
      const status = await waitFor('all of them', async () => {
        const seen = await statusAt(one);
        return seen.gateways.length === 2 && seen.producers.length === 1 && seen.gateways[1]?.connections === 1 && seen;
      });
      expect(status.producers[0]).toMatchObject({ isLeading: true });
      expect(status.gateways[1]?.channels.find(({ channel }) => channel.startsWith('trade'))).toMatchObject({
        users: 1,
      });
      const to = status.gateways[1]?.id ?? '';

      using other = await connectPlain(`${two.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
      const [first] = (await statusAt(one)).gateways[1]?.slowest ?? [];
      expect(first).toMatchObject({
        streams: 1,
        follows: ['trade.sim.BTC-USD'],
        format: 'plain',
      });
      const session = first?.id ?? '';
      expect((await command(one, { gateway: to, act: 'disconnect', session })).status).toBe(202);
      await Promise.race([client.closed, other.closed]);
      const [left, stayed] = other.socket.readyState === other.socket.CLOSED ? [other, client] : [client, other];
      expect((await left.closed).code).toBe(3503);

      const forger = new Redis(redis.url, operatorLogin);
      for (const at of [Date.now(), 0]) {
        const body = JSON.stringify({ act: 'drain', session: '' });
        const forged = { type: 'fleet.order', from: 'x', to, topic: 'command', id: String(at), body, at, mac: 'AAAA' };
        await forger.publish('asgi__group__tickwire.fleet', Buffer.from(encode(forged)));
      }
      forger.disconnect();
      // What was published before has been heard when the answer to a later question has come.
      expect((await statusAt(one)).gateways[1]).toMatchObject({ id: to, reasons: [] });

      expect((await command(one, { gateway: to, act: 'drain' })).status).toBe(202);
      expect((await stayed.closed).code).toBe(3001);
      expect((await fetch(`${two.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${one.url}/readyz`)).status).toBe(200);
      const happened = await waitFor('the events', async () => {
        const events = (await statusAt(one)).gateways[1]?.events;
        // The counters behind the events are read once a second: between the two forgeries, perhaps.
        const areBothCounted = events?.some(({ kind, count }) => kind === 'forged' && count > 1);
        return areBothCounted && events?.map(({ kind, text, count }) => [kind, text, count]);
      });
      expect(happened).toContainEqual(['order', `session ${session} disconnected`, 1]);
      expect(happened).toContainEqual(['order', 'drain: 1 clients sent elsewhere over 0 ms', 1]);
      expect(happened).toContainEqual(['forged', expect.stringContaining('not signed'), 2]);
    });

    it('[G84] [G87] accepts no answer and no report without a signature', async () => {
      const seen = await waitFor('all of them', async () => {
        const view = await statusAt(two);
        return view.gateways.length === 2 && view.producers.length === 1 && view;
      });
      expect(seen.producers[0]).toMatchObject({ isVerified: true, feeds: [{ name: 'sim', state: 'live' }] });
      const [genuine] = seen.gateways;
      const [leader] = seen.producers;

      // Hears what is asked, as who may subscribe does, and answers faster than anybody.
      const ears = new Redis(redis.url, operatorLogin);
      const mouth = new Redis(redis.url, operatorLogin);
      const send = (group: string, message: object): Promise<number> =>
        mouth.publish(`asgi__group__${group}`, Buffer.from(encode(message)));
      let answered = 0;
      ears.on('pmessageBuffer', (_pattern, _channel, bytes: Buffer) => {
        const heard = decode(bytes) as Readonly<Record<string, unknown>>;
        if (heard['type'] === 'fleet.ask') {
          const body = JSON.stringify({ ...genuine, id: 'forged', name: '<b>forged</b>' });
          answered += 1;
          for (const from of [...seen.gateways.map(({ id }) => id), 'forged'])
            void send(`tickwire.fleet.${heard['from']}`, { ...heard, type: 'fleet.answer', from, body, mac: 'AAAA' });
        }
        // What another gateway signed, once more.
        if (heard['type'] === 'fleet.answer' && heard['mac'] !== 'AAAA' && answered < 20) {
          answered += 1;
          void send(`tickwire.fleet.${heard['to']}`, heard);
        }
      });
      await ears.psubscribe('asgi__group__tickwire.fleet*');
      const status = { ...leader, isLeading: false };
      const report = { type: 'fleet.report', from: 'x', to: '', topic: 'producer', id: '', at: Date.now() };
      await send('tickwire.producers', { ...report, body: JSON.stringify(status) });
      const other = { ...leader, owner: '<b>forged</b>', isLeading: true };
      await send('tickwire.producers', { ...report, body: JSON.stringify(other) });

      const view = await statusAt(one);
      expect(answered).toBeGreaterThan(1);
      expect(view.gateways.map(({ id }) => id).sort()).toEqual(seen.gateways.map(({ id }) => id).sort());
      expect(view.producers.map(({ owner, isVerified, isLeading }) => [owner, isVerified, isLeading])).toEqual(
        expect.arrayContaining([
          [leader?.owner, true, true],
          ['<b>forged</b>', false, true],
        ]),
      );
      await waitFor('the event', async () =>
        (await statusAt(one)).gateways[0]?.events.some(({ kind }) => kind === 'forged'),
      );
      // In this order, and politely: what was heard is answered before the connection ends.
      await ears.quit();
      await mouth.quit();
    });

    it('[G88] reports losses of Redis and requests without the token', async () => {
      const killer = new Redis(redis.url, operatorLogin);
      await killer.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      killer.disconnect();
      for (let i = 0; i < 3; i += 1) await fetch(`${one.url}/admin/api/status`);
      const events = await waitFor('Redis to be back', async () => {
        const seen = (await statusAt(one)).gateways[0]?.events ?? [];
        return seen.some(({ text }) => text.startsWith('connection restored')) && seen;
      });
      expect(events.map(({ kind, text }) => [kind, text])).toContainEqual([
        'redis',
        expect.stringMatching(/^connection lost: /),
      ]);
      expect(events).toContainEqual(expect.objectContaining({ kind: 'sign-in', count: 3 }));
      expect(one.output()).not.toContain(token);
    });
  });
});
