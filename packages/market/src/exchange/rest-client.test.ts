import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { runFor, settle } from '../../../../tests/support/exchanges/index.js';
import type { HttpResponse } from './http.js';
import { fetchHttp } from './http.js';
import { createRestClient } from './rest-client.js';
import { venueOf } from './venues.js';

const create = (answer: (url: string) => HttpResponse | Error | undefined, isLimit?: (answer: unknown) => boolean) => {
  const clock = createManualClock();
  const asked: { url: string; at: number }[] = [];
  const startedAt = clock.now();
  const client = createRestClient({
    urls: ['https://a', 'https://b'],
    clock,
    gapMs: 100,
    parse: JSON.parse,
    isLimit,
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

  test.each([
    [429, 60_000],
    [418, 300_000],
  ])('[M84] after %i without Retry-After there is no request for %i ms', async (status, waitMs) => {
    let isLimited = true;
    const { clock, client, asked } = create(() => (isLimited ? { status, text: '' } : fine()));
    await expect(client.get('/x')).rejects.toMatchObject({ code: 'rest-failed' });
    isLimited = false;
    const second = client.get('/y');
    await runFor(clock, waitMs);
    await second;
    expect(asked).toEqual([
      { url: 'https://a/x', at: 0 },
      { url: 'https://a/y', at: waitMs },
    ]);
  });

  test.each([
    [403, undefined, 60_000],
    [451, undefined, 300_000],
    [503, 30_000, 30_000],
  ])(
    '[M84] an address that answered %i is left alone, and the others are not',
    async (status, retryAfterMs, waitMs) => {
      const answer = { status, text: 'go away', ...(retryAfterMs !== undefined && { retryAfterMs }) };
      let isDown = false;
      const { clock, client, asked } = create((url) =>
        url.startsWith('https://a') ? answer : isDown ? new Error('unreachable') : fine(),
      );
      const get = async (path: string): Promise<unknown> => {
        const result = client.get(path).catch((error: Error) => error.message);
        await runFor(clock, 1_000);
        return result;
      };
      const urls = (): string[] => asked.splice(0).map(({ url }) => url);
      expect([await get('/1'), await get('/2'), urls()]).toEqual([1, 1, ['https://a/1', 'https://b/1', 'https://b/2']]);
      isDown = true;
      expect(await get('/3')).toBe('https://a/3: unreachable');
      await runFor(clock, waitMs - 3_000);
      urls();
      expect([await get('/4'), urls()]).toEqual(['https://a/4: unreachable', ['https://a/4', 'https://b/4']]);
    },
  );

  test('[M84] a limit that comes with status 200 is one too', async () => {
    const { isLimit } = venueOf('kraken').rest;
    let text = '{"error":["EAPI:Rate limit exceeded"]}';
    const { clock, client, asked } = create(() => fine(text), isLimit);
    await expect(client.get('/x')).rejects.toThrow('200 {"error":["EAPI:Rate limit exceeded"]}');
    text = '{"error":[],"result":{}}';
    const second = client.get('/y');
    await runFor(clock, 60_000);
    expect(await second).toEqual({ error: [], result: {} });
    expect(asked).toEqual([
      { url: 'https://a/x', at: 0 },
      { url: 'https://a/y', at: 60_000 },
    ]);
    text = '{"error":["EQuery:Unknown asset pair"]}';
    const third = client.get('/z');
    await runFor(clock, 1_000);
    expect(await third).toEqual({ error: ['EQuery:Unknown asset pair'] });
  });

  test('[M84] if all addresses want to be left alone, a request fails with what they said', async () => {
    const { clock, client, asked } = create(() => ({ status: 403, text: 'not you' }));
    for (const path of ['/1', '/2']) {
      const result = client.get(path).catch((error: Error) => error.message);
      await runFor(clock, 1_000);
      expect(await result).toBe(`https://a${path}: 403 not you`);
    }
    expect(asked).toHaveLength(2);
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

test('[M231] a request without an answer says what failed: the name, the connection, the certificate, a damaged answer', async () => {
  const { signal } = new AbortController();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  await expect(fetchHttp(`http://127.0.0.1:${port}/`, signal)).rejects.toThrow(/^connect ECONNREFUSED 127\.0\.0\.1/);
  await expect(fetchHttp('http://venue.invalid/', signal)).rejects.toThrow(/^getaddrinfo E[A-Z_]+ venue\.invalid$/);
  const cutting = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1_000 });
    response.write('{', () => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(cutting, 'listening');
  const { port: cuttingPort } = cutting.address() as AddressInfo;
  await expect(fetchHttp(`http://127.0.0.1:${cuttingPort}/`, signal)).rejects.toThrow(/closed|reset/i);
  cutting.close();
});
