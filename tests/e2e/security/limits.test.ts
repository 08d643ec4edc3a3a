import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { openCentrifuge } from '../../support/centrifuge-client.js';
import { type MemoryGateway, refusals, startMemoryGateway } from '../../support/memory-gateway.js';
import { closedAfterEach } from '../../support/opened.js';
import { connectPlain } from '../../support/plain-client.js';
import { handshake, openRaw } from '../../support/raw-request.js';
import { refusedUpgrade } from '../../support/refused-upgrade.js';
import { waitFor } from '../../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';

describe('limits, hit from outside', () => {
  const use = closedAfterEach();
  const start = async (env: Readonly<Record<string, string>> = {}): Promise<MemoryGateway> =>
    use(await startMemoryGateway({ env }));
  const plain = async (url: string) => use(await connectPlain(url));

  it('[GL5] MAX_CONNECTIONS: 503 with Retry-After; who leaves makes room; event streams count', async () => {
    const { url } = await start({ MAX_CONNECTIONS: '2' });
    const first = await plain(`${url}/ws/prediction/?channels=${btc}`);
    const stream = new AbortController();
    await fetch(`${url}/connection/uni_sse?channel=${btc}`, { signal: stream.signal });
    const refused = await refusedUpgrade(`${url}/connection/websocket`);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(refused.body)).toEqual({ error: 'more than 2 connections' });
    const alsoRefused = await fetch(`${url}/connection/uni_sse?channel=${btc}`);
    expect([alsoRefused.status, Number(alsoRefused.headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect(await refusals(url, 'connections')).toBe(2);
    first.socket.close();
    stream.abort();
    await waitFor('room', async () => (await (await fetch(`${url}/readyz`)).text()).includes('"connections":0'));
    await plain(`${url}/ws/prediction/?channels=${btc}`);
  });

  it('[GL5] MAX_CONNECTIONS_PER_IP: of the address that the proxy saw', async () => {
    const { url } = await start({ MAX_CONNECTIONS_PER_IP: '1', TRUST_PROXY: '1' });
    const from = async (address: string): Promise<void> => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/`, {
        headers: { 'X-Forwarded-For': `8.8.8.8, ${address}` },
      });
      use({ [Symbol.dispose]: () => socket.terminate() });
      await once(socket, 'open');
    };
    await from('198.51.100.1');
    await from('198.51.100.2');
    const forged = await refusedUpgrade(`${url}/ws/prediction/`, { 'X-Forwarded-For': '9.9.9.9, 198.51.100.1' });
    expect([forged.status, await refusals(url, 'connections-per-ip')]).toEqual([503, 1]);
  });

  it('[GL5] CONNECTS_PER_SECOND', async () => {
    const { url } = await start({ CONNECTS_PER_SECOND: '3' });
    const attempts = await Promise.allSettled(
      Array.from({ length: 12 }, () => refusedUpgrade(`${url}/ws/prediction/`)),
    );
    const refused = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value.status] : []));
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(new Set(refused)).toEqual(new Set([503]));
    expect(await refusals(url, 'connect-rate')).toBe(refused.length);
  });

  it('[GL6] COMMANDS_PER_SECOND: each command of a frame, each name of a message, each message, each ping', async () => {
    const env = { COMMANDS_PER_SECOND: '5', MAX_CHANNELS: '5' };
    const { url } = await start(env);
    const quiet = await plain(`${url}/ws/prediction/?channels=${btc}`);
    const commands = use(await openCentrifuge(url));
    await commands.connect();
    commands.send(...Array.from({ length: 12 }, (_, index) => ({ id: index + 2, ping: {} })));
    expect(await commands.closed).toEqual({ code: 3013, reason: 'too many requests' });
    const names = await plain(`${url}/ws/prediction/?channels=${btc}`);
    names.socket.send(JSON.stringify({ unsubscribe: Array.from({ length: 12 }, (_, index) => `name-${index}`) }));
    expect((await names.closed).code).toBe(3013);
    const messages = await plain(`${url}/ws/prediction/?channels=${btc}`);
    for (let index = 0; index < 12; index += 1) messages.socket.send('{}');
    expect((await messages.closed).code).toBe(3013);
    const pings = await plain(`${url}/ws/prediction/?channels=${btc}`);
    for (let index = 0; index < 12; index += 1) pings.socket.ping();
    expect((await pings.closed).code).toBe(3013);
    expect([quiet.socket.readyState, await refusals(url, 'commands')]).toEqual([WebSocket.OPEN, 4]);
  });

  it('[GL6] a frame with thousands of commands is closed before they are read', async () => {
    const { url } = await start();
    const client = use(await openCentrifuge(url));
    client.sendRaw('{}\n'.repeat(20_000));
    expect((await client.closed).code).toBe(3013);
  });

  it('[GL7] HANDSHAKE_MS: who sends nothing, or a byte now and then, is answered with 408 and cut off', async () => {
    const { url, gateway } = await start({ HANDSHAKE_MS: '400' });
    const silent = use(await openRaw(gateway.port));
    const slow = use(await openRaw(gateway.port));
    const text = handshake('/ws/prediction/');
    let at = 0;
    const drip = setInterval(() => {
      slow.send(text.slice(at, at + 1));
      at += 1;
    }, 100);
    try {
      expect([await silent.status(), await slow.status()]).toEqual([408, 408]);
      await waitFor('both cut off', () => silent.isClosed() && slow.isClosed());
    } finally {
      clearInterval(drip);
    }
    expect(await refusals(url, 'handshake')).toBe(2);
  });

  it('[GL8] CONNECT_MS', async () => {
    const { url } = await start({ CONNECT_MS: '200' });
    const client = use(await openCentrifuge(url));
    expect(await client.closed).toEqual({ code: 3502, reason: 'stale' });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('tickwire_closes_total{reason="stale"} 1');
  });

  it('[GL11] channels that are refused are counted by reason, whatever is spoken', async () => {
    const { url } = await start({ MAX_CHANNELS: '1' });
    const ofPlain = await plain(`${url}/ws/prediction/?channels=${btc}`);
    ofPlain.socket.send(JSON.stringify({ subscribe: ['nothing', 'trade.sim.ETH-USD'] }));
    await ofPlain.until(
      'a refusal',
      ({ channel, type }) => type === 'channel.refused' && channel === 'trade.sim.ETH-USD',
    );
    expect([await refusals(url, 'unknown-channel'), await refusals(url, 'channel-limit')]).toEqual([1, 1]);
    const ofStream = await fetch(`${url}/connection/uni_sse?channel=nothing`);
    expect(ofStream.status).toBe(404);
    expect(await refusals(url, 'unknown-channel')).toBe(2);
    const centrifuge = use(await openCentrifuge(url));
    centrifuge.send({ id: 1, connect: {} });
    centrifuge.send({ id: 2, subscribe: { channel: 'nothing' } });
    await waitFor('the third', async () => (await refusals(url, 'unknown-channel')) === 3);
  });

  it('[GL9] a late event loop: not ready, new clients get 503, those inside stay, then all is well again', async () => {
    let lagMs = 0;
    const loop = { readLagMs: () => lagMs, readUtilization: () => 1 };
    const { url, publish } = use(await startMemoryGateway({ env: { MAX_LOOP_LAG_MS: '30' }, loop }));
    const inside = await plain(`${url}/ws/prediction/?channels=${btc}`);
    lagMs = 31;
    const report = await waitFor('not ready', async () => {
      const response = await fetch(`${url}/readyz`);
      return response.status === 503 && ((await response.json()) as { reasons: string[] });
    });
    expect(report.reasons).toEqual(['event loop late by 31 ms']);
    expect((await refusedUpgrade(`${url}/ws/prediction/`)).status).toBe(503);
    await publish(btc, { price: '7' });
    await inside.until('a trade', ({ price }) => price === '7');
    lagMs = 0;
    await waitFor('ready again', async () => (await fetch(`${url}/readyz`)).ok);
    await plain(`${url}/ws/prediction/`);
    expect(await refusals(url, 'loop-lag')).toBe(1);
  });

  it('[GL9] MAX_RSS_MB', async () => {
    const { url } = await start({ MAX_RSS_MB: '1' });
    const report = await waitFor('not ready', async () => {
      const response = await fetch(`${url}/readyz`);
      return response.status === 503 && ((await response.json()) as { reasons: string[] });
    });
    expect(report.reasons).toEqual([expect.stringMatching(/memory/)]);
    expect((await refusedUpgrade(`${url}/ws/prediction/`)).status).toBe(503);
    expect(await refusals(url, 'memory')).toBe(1);
  });

  it('[GL10] /readyz says what it knows', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      ready: true,
      reasons: [],
      layerRoundTripMs: expect.any(Number),
      layerSilentMs: expect.any(Number),
      tickAgeMs: null,
      loopLagMs: expect.any(Number),
      rssBytes: expect.any(Number),
      connections: 0,
    });
    const ticks = await start({ MAX_TICK_AGE_MS: '1000' });
    const waiting = await fetch(`${ticks.url}/readyz`);
    expect([waiting.status, ((await waiting.json()) as { reasons: string[] }).reasons]).toEqual([503, ['no tick yet']]);
  });

  it('[GL11] every reason is a series from the start', async () => {
    const { url } = await start();
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    const text = await metrics.text();
    expect(text).toContain('tickwire_refusals_total{reason="origin"} 0');
    expect(text).toContain('tickwire_connections 0');
  });

  it('[GL1] origins: of the host and of this machine; of others 403', async () => {
    const { url } = await start({ CORS_ORIGINS: 'https://reader.example' });
    const foreign = { Origin: 'https://evil.example' };
    for (const path of ['/ws/prediction/', '/connection/websocket', '/ws/btcusd@trade']) {
      expect([path, (await refusedUpgrade(`${url}${path}`, foreign)).status]).toEqual([path, 403]);
    }
    const get = async (origin: string) => {
      const abort = new AbortController();
      const answer = await fetch(`${url}/connection/uni_sse?channel=${btc}`, {
        headers: { Origin: origin },
        signal: abort.signal,
      });
      abort.abort();
      return answer;
    };
    expect((await get('https://evil.example')).status).toBe(403);
    expect((await get('https://reader.example')).status).toBe(200);
    for (const origin of [url, 'http://localhost', 'https://reader.example']) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/`, { origin });
      await once(socket, 'open');
      socket.terminate();
    }
    expect(await refusals(url, 'origin')).toBe(4);
  });

  it('[GL2] [GL31] hosts', async () => {
    const { gateway, url } = await start({ ALLOWED_HOSTS: 'gw.example,.internal' });
    expect((await refusedUpgrade(`${url}/ws/prediction/`)).status).toBe(421);
    for (const path of ['/', '/api/symbols', '/connection/uni_sse?channel=x']) {
      expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 421]);
    }
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200]);
    }
    for (const [host, status] of [
      ['rebound.example', 421],
      ['gw.example:8000', 200],
      ['localhost', 200],
    ] as const) {
      for (const path of ['/readyz', '/metrics']) {
        const raw = use(await openRaw(gateway.port));
        raw.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        expect([host, path, await raw.status()]).toEqual([host, path, status]);
      }
    }
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/`, { headers: { Host: 'a.internal:80' } });
    await once(socket, 'open');
    socket.terminate();
  });

  it('[GL3] CORS: named origins with credentials, * without, nobody by default', async () => {
    const ask = async (url: string, method = 'GET') => {
      const { status, headers } = await fetch(`${url}/api/symbols`, {
        method,
        headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' },
      });
      const of = (name: string) => headers.get(`access-control-allow-${name}`);
      return [status, of('origin'), of('credentials'), of('headers')?.includes('Authorization') ?? false];
    };
    expect(await ask((await start()).url)).toEqual([200, null, null, false]);
    const named = await start({ CORS_ORIGINS: 'https://app.example' });
    expect(await ask(named.url)).toEqual([200, 'https://app.example', 'true', false]);
    expect(await ask(named.url, 'OPTIONS')).toEqual([204, 'https://app.example', 'true', true]);
    expect(await ask((await start({ CORS_ORIGINS: '*' })).url)).toEqual([200, '*', null, false]);
    expect(await ask((await start({ CORS_ORIGINS: 'https://other.example' })).url)).toEqual([200, null, null, false]);
  });

  it('[GL4] every answer has a strict policy', async () => {
    const { url } = await start();
    for (const path of ['/api/symbols', '/healthz', '/nothing', '/metrics', '/api/v3/ping']) {
      const { headers } = await fetch(`${url}${path}`);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});
