import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { patientMs } from '../support/wait-for.js';

const clientCount = 60;
const drainMs = 1_500;

describe('draining', () => {
  it('[E33] new clients are refused from the first moment, those that are there leave a few at a time', async () => {
    await using redis = await startRedisServer();
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: String(drainMs) });
    const url = `${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD`;
    const clients: PlainClient[] = [];
    for (let index = 0; index < clientCount; index += 1) clients.push(await connectPlain(url));
    const leftAtMs: number[] = [];
    const left = clients.map(async ({ closed }) => {
      const { code } = await closed;
      leftAtMs.push(performance.now());
      return code;
    });
    const stopped = gateway.stop('SIGTERM');
    await Promise.race(left);
    expect(leftAtMs.length).toBeLessThan(clientCount / 3);
    await expect(fetch(`${gateway.url}/readyz`)).rejects.toThrow();
    await expect(connectPlain(url)).rejects.toThrow(/ECONNREFUSED/);
    expect(new Set(await Promise.all(left))).toEqual(new Set([3001]));
    expect(await stopped).toBe(0);
    const [first = 0, middle = 0, last = 0] = [0, clientCount / 2, clientCount - 1].map((index) => leftAtMs[index]);
    expect(last - first).toBeGreaterThan(drainMs * 0.7);
    expect(middle - first).toBeGreaterThan(drainMs * 0.2);
    expect(middle - first).toBeLessThan(patientMs(drainMs));
  });

  it('[R110] further signals cut nothing short; Ctrl-C again does', async () => {
    await using redis = await startRedisServer();
    const patient = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: String(drainMs) });
    const clients: PlainClient[] = [];
    for (let index = 0; index < 12; index += 1)
      clients.push(await connectPlain(`${patient.url}/ws/prediction/?channels=trade.sim.BTC-USD`));
    const stopped = patient.stop('SIGTERM');
    await Promise.race(clients.map(({ closed }) => closed));
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGINT'] as const) patient.kill(signal);
    const ends = await Promise.all(clients.map(({ closed }) => closed));
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([3001]));
    expect(await stopped).toBe(0);

    const gateway = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '60000' });
    // Clients of Binance are given 5 s after the notice.
    using binance = await connectPlain(`${gateway.url}/ws`);
    const ended = gateway.stop('SIGINT');
    await binance.until('the notice', ({ e }) => e === 'serverShutdown');
    const asking = setInterval(() => gateway.kill('SIGINT'), 200);
    try {
      expect(await ended).toBe(1);
    } finally {
      clearInterval(asking);
    }
  });

  it('[E33] a connection that was opened before and asks only now is refused too', async () => {
    await using redis = await startRedisServer();
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: String(drainMs) });
    const clients: PlainClient[] = [];
    for (let index = 0; index < 5; index += 1) clients.push(await connectPlain(`${gateway.url}/ws/prediction/`));
    const early = connect(gateway.port, '127.0.0.1');
    await once(early, 'connect');
    // Answered behind it, so the server has taken it in.
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    const stopped = gateway.stop('SIGTERM');
    await Promise.race(clients.map(({ closed }) => closed));
    early.write(
      [
        'GET /ws/prediction/ HTTP/1.1',
        'Host: gateway',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '\r\n',
      ].join('\r\n'),
    );
    const [answer] = (await once(early, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 503 /);
    early.destroy();
    expect(await stopped).toBe(0);
  });
});
