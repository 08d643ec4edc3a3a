import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { runFor, settle } from '../../../../tests/support/exchanges/index.js';
import type { HttpResponse } from './http.js';
import { fetchHttp } from './http.js';
import { createRestClient } from './rest-client.js';

const create = (answer: (url: string) => HttpResponse | Error | undefined) => {
  const clock = createManualClock();
  const asked: { url: string; at: number }[] = [];
  const startedAt = clock.now();
  const client = createRestClient({
    urls: ['https://a', 'https://b'],
    clock,
    gapMs: 100,
    parse: JSON.parse,
    timeoutMs: 1_000,
    http: async (url) => {
      asked.push({ url, at: clock.now() - startedAt });
      const response = answer(url);
      if (!response) return new Promise(() => {});
      if (response instanceof Error) throw response;
      return response;
    },
  });
  return { clock, client, asked };
};

const fine = (text = '1'): HttpResponse => ({ status: 200, text });

describe('requests', () => {
  test('[M84] are sent one after the other with the gap between them, urgent ones first', async () => {
    const { clock, client, asked } = create(() => fine());
    const order: string[] = [];
    void client.get('/1').then(() => order.push('1'));
    void client.get('/2').then(() => order.push('2'));
    void client.getFirst('/3').then(() => order.push('3'));
    await runFor(clock, 1_000);
    expect(order).toEqual(['1', '3', '2']);
    expect(asked).toEqual([
      { url: 'https://a/1', at: 0 },
      { url: 'https://a/3', at: 100 },
      { url: 'https://a/2', at: 200 },
    ]);
  });

  test('[M183] for the past yield to all others, later ones too', async () => {
    const { clock, client, asked } = create(() => fine());
    for (const path of ['/past-1', '/past-2', '/past-3']) void client.getLast(path);
    await runFor(clock, 50);
    void client.get('/live-1');
    void client.getFirst('/urgent');
    void client.get('/live-2');
    await runFor(clock, 1_000);
    expect(asked.map(({ url }) => url.slice('https://a'.length))).toEqual([
      ...['/past-1', '/past-2', '/urgent', '/live-1', '/live-2', '/past-3'],
    ]);
  });

  test.each([
    ['an error', (): HttpResponse | Error | undefined => new Error('unreachable')],
    ['a status', () => ({ status: 451, text: 'not here' })],
    ['silence', () => undefined],
    ['what is no JSON', () => fine('<html>')],
  ])('[M78] %s of one address leads to the next', async (_, answer) => {
    const { clock, client, asked } = create((url) => (url.startsWith('https://a') ? answer() : fine('[7]')));
    const result = client.get('/x');
    await runFor(clock, 5_000);
    expect(await result).toEqual([7]);
    expect(asked.map(({ url }) => url)).toEqual(['https://a/x', 'https://b/x']);
  });

  test('[M84] after 429 there is no request until Retry-After has passed', async () => {
    let isLimited = true;
    const { clock, client, asked } = create(() =>
      isLimited ? { status: 429, text: '', retryAfterMs: 7_000 } : fine(),
    );
    await expect(client.get('/x')).rejects.toMatchObject({ code: 'rest-failed' });
    isLimited = false;
    const second = client.get('/y');
    await runFor(clock, 6_999);
    expect(asked).toHaveLength(1);
    await runFor(clock, 1);
    await second;
    expect(asked[1]).toEqual({ url: 'https://a/y', at: 7_000 });
    expect(client.counters).toEqual({ requests: 2, failures: 1, refused: 0 });
  });

  test('[M81] at most a thousand wait', async () => {
    const { clock, client } = create(() => fine());
    const results = Array.from({ length: 1_005 }, (_, i) =>
      client.get(`/${i}`).then(
        () => true,
        () => false,
      ),
    );
    await runFor(clock, 200_000);
    expect((await Promise.all(results)).filter((isDone) => !isDone)).toHaveLength(4);
    expect(client.counters.refused).toBe(4);
  });

  test('[M92] closing fails running and waiting requests, and leaves no timer', async () => {
    const { clock, client } = create(() => undefined);
    const results = [client.get('/1'), client.get('/2')].map((result) => result.catch((error) => error.code));
    await settle();
    client.close();
    expect(await Promise.all(results)).toEqual(['rest-failed', 'rest-failed']);
    await settle();
    expect(clock.pending).toBe(0);
    await expect(client.get('/3')).rejects.toMatchObject({ code: 'rest-failed' });
  });
});

test('[M231] a request without an answer says what failed: the name, the connection, the certificate', async () => {
  const { signal } = new AbortController();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  await expect(fetchHttp(`http://127.0.0.1:${port}/`, signal)).rejects.toThrow(/^connect ECONNREFUSED 127\.0\.0\.1/);
  await expect(fetchHttp('http://venue.invalid/', signal)).rejects.toThrow(/^getaddrinfo E[A-Z_]+ venue\.invalid$/);
});
