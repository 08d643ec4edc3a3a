import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { mountedCertificate } from '../support/certificate.js';
import { haproxyBin, startDeliveredHaproxy } from '../support/haproxy.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const program = haproxyBin();
const trades = 'trade.sim.BTC-USD';

const statusOf = (url: string): Promise<number> => fetch(url).then(({ status }) => status);

describe('the front door', () => {
  it('[E90] stays while Redis is away: pages, health and the last prices are served, a newcomer is told when to retry, and 503 of HAProxy itself is for when no gateway runs', async () => {
    await using redis = await startRedisServer();
    const env = { REDIS_URL: redis.url };
    await using producer = await startTickwire('producer', {
      ...env,
      SYMBOLS: 'BTC-USD',
      SIM_RATE: '40',
    });
    await using gateway = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    await using haproxy = await startDeliveredHaproxy(program, { gateways: [gateway.port] });
    const url = `http://127.0.0.1:${haproxy.port}`;
    await waitFor('the gateway to be ready', async () => (await statusOf(`${url}/readyz`)) === 200);
    using staying = await connectPlain(`${url}/ws/prediction/?channels=${trades}`);
    await waitFor('trades', () => staying.messages.length > 5);

    await redis.stop('SIGKILL');
    await producer.stop('SIGKILL');
    await staying.until('the stale notice', (message) => message['type'] === 'channel.stale');
    await waitFor('the gateway not to be ready', async () => {
      const response = await fetch(`${url}/readyz`);
      return response.status === 503 && (await response.text()).includes('channel layer');
    });
    // HAProxy has noticed as well when it has asked twice more.
    const checksMs = 3_000;
    const fromMs = performance.now();
    await waitFor('HAProxy to have asked', async () => {
      for (const path of ['/healthz', '/']) expect([path, await statusOf(url + path)]).toEqual([path, 200]);
      return performance.now() - fromMs > checksMs;
    });
    expect(await statusOf(`${url}/api/symbols`)).toBe(200);
    const read = await fetch(`${url}/api/history?channel=${trades}`);
    expect([read.status, read.headers.get('retry-after'), ((await read.json()) as { detail: string }).detail]).toEqual([
      503,
      '1',
      'nothing was read: repeat the request',
    ]);
    expect(await statusOf(`${url}/api/v3/trades?symbol=BTCUSD`)).toBe(503);
    // InternalErrors is for errors of ours.
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/^tickwire_failed_requests_total 0$/m);
    using coming = await connectPlain(`${url}/ws/prediction/?channels=${trades}&last=1`);
    await coming.until('that it is stale', (message) => message['type'] === 'channel.stale');

    await gateway.stop('SIGKILL');
    const refused = await fetch(`${url}/`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await refused.json()).toEqual({ error: 'no gateway is running' });
  });

  it('[E91] ends TLS where certificates are mounted: page and sockets over TLS 1.2 and 1.3, and what comes without is led there', async () => {
    await using certificate = await mountedCertificate();
    const { folder: tlsFolder, chain: ca } = certificate;
    await using inside = await startMemoryGateway({ env: { TRUST_PROXY: '1' } });
    await using haproxy = await startDeliveredHaproxy(program, { gateways: [inside.gateway.port], tlsFolder });
    const url = `https://127.0.0.1:${haproxy.tlsPort}`;
    const plain = `http://127.0.0.1:${haproxy.port}`;
    const led = await fetch(`${plain}/api/symbols?x=1`, { redirect: 'manual' });
    expect([led.status, led.headers.get('location')]).toEqual([308, `${url}/api/symbols?x=1`]);
    expect(await statusOf(`${plain}/healthz`)).toBe(200);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { status, headers } = await askOver(version, `${url}/`, { ca });
      expect([version, status, headers['strict-transport-security']]).toEqual([version, 200, 'max-age=31536000']);
    }
    await expect(askOver('TLSv1.1', `${url}/`, { ca })).rejects.toThrow();

    const socket = new WebSocket(`${url.replace('https', 'wss')}/ws/prediction/?channels=${trades}`, {
      ca,
      origin: url,
    });
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(data.toString()));
    await waitFor('the socket', () => socket.readyState === WebSocket.OPEN);
    await inside.publish(trades);
    await waitFor('a trade over TLS', () => messages.some((text) => text.includes('price.trade')));
    socket.terminate();
  });

  it('[E91] says over which scheme and from which address a request came, whatever the client says, and passes cookies on', async () => {
    await using certificate = await mountedCertificate();
    const { folder: tlsFolder, chain: ca } = certificate;
    const heard: IncomingHttpHeaders[] = [];
    const gateway = createServer((request, response) => {
      if (request.url === '/asked') heard.push(request.headers);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { port } = gateway.address() as AddressInfo;
    await using haproxy = await startDeliveredHaproxy(program, { gateways: [port], tlsFolder });
    const headers = { cookie: 'token=abc', 'x-forwarded-proto': 'http', 'x-forwarded-for': '203.0.113.9' };
    await askOver('TLSv1.3', `https://127.0.0.1:${haproxy.tlsPort}/asked`, { ca, headers });
    gateway.close();
    expect(heard).toEqual([
      expect.objectContaining({ cookie: 'token=abc', 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' }),
    ]);
  });
});

const askOver = (version: SecureVersion, url: string, options: RequestOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    get(url, { ...options, agent: false, minVersion: version, maxVersion: version }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    }).on('error', reject);
  });

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
}
