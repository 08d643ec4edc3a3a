import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { openRaw } from '../support/raw-request.js';
import { waitFor } from '../support/wait-for.js';

const apiKey = 'correct horse battery';
const gzipped = { 'Content-Encoding': 'gzip' };
const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n';

describe('odd requests', () => {
  let server: MemoryGateway;
  const start = async (env: Readonly<Record<string, string>> = {}): Promise<MemoryGateway> => {
    server = await startMemoryGateway({ env });
    return server;
  };
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
  });

  it.each([
    ['h2c, as the HTTP client of the JDK', h2c],
    ['TLS', 'Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n'],
    ['an upgrade beside keep-alive', 'Connection: keep-alive, Upgrade\r\nUpgrade: foo/2, bar\r\n'],
  ])('[GL28] an offer of %s is ignored, request after request', async (_what, headers) => {
    const { gateway } = await start({ CONNECTS_PER_SECOND: '1' });
    using raw = await openRaw(gateway.port);
    for (const path of ['/healthz', '/api/symbols', '/api/v3/ping', '/healthz']) {
      const before = raw.received().length;
      raw.send(`GET ${path} HTTP/1.1\r\nHost: gateway\r\n${headers}\r\n`);
      await waitFor(`the answer to ${path}`, () => raw.received().slice(before).includes('HTTP/1.1 200 OK'));
    }
    expect(raw.isClosed()).toBe(false);
  });

  it('[GL28] the body of such a request is read, in one piece or in several', async () => {
    const { gateway, layer } = await start({ API_KEY: apiKey });
    const heard: unknown[] = [];
    await layer.groupListen('ticker.sim.BTC-USD', (message) => void heard.push(message['n']));
    const body = JSON.stringify({ channel: 'ticker.sim.BTC-USD', message: { type: 'x', n: 1 } });
    const head = `POST /api/publish HTTP/1.1\r\nHost: gateway\r\nX-API-Key: ${apiKey}\r\nContent-Type: application/json\r\n`;
    const whole = `${head}${h2c}Content-Length: ${body.length}\r\n\r\n`;
    using first = await openRaw(gateway.port);
    first.send(whole + body);
    expect(await first.status()).toBe(200);
    using second = await openRaw(gateway.port);
    second.send(whole + body.slice(0, 10));
    await waitFor('the server to wait', () => second.socket.bytesWritten > whole.length);
    second.send(body.slice(10));
    expect(await second.status()).toBe(200);
    await waitFor('both', () => heard.length === 2);
  });

  it('[GL28] a connection whose offer was ignored may offer WebSocket next', async () => {
    const { gateway } = await start();
    using raw = await openRaw(gateway.port);
    raw.send(`GET /healthz HTTP/1.1\r\nHost: gateway\r\n${h2c}\r\n`);
    expect(await raw.status()).toBe(200);
    raw.send(
      'GET /ws/prediction/ HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await waitFor('the handshake', () => raw.received().includes('HTTP/1.1 101'));
  });

  it.each([
    ['two hosts', 'Host: gateway\r\nHost: gateway\r\n'],
    ['two hosts on one line', 'Host: gateway, other\r\n'],
    ['an empty host', 'Host: \r\n'],
    ['a user before the host', 'Host: admin@gateway\r\n'],
    ['a space in the host', 'Host: gate way\r\n'],
  ])(
    '[GL261] a request with %s is answered with 400, an upgrade and on the operators port too',
    async (_what, lines) => {
      const { gateway } = await start({ ADMIN_TOKEN: 'a token for operators', ADMIN_PORT: '0', METRICS_PORT: '0' });
      const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
      const asked = [
        [gateway.port, '/healthz', ''],
        [gateway.adminPort, '/admin/', ''],
        [gateway.metricsPort, '/metrics', ''],
        [gateway.port, '/ws/prediction/', `${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`],
      ] as const;
      for (const [port, path, more] of asked) {
        using raw = await openRaw(port);
        raw.send(`GET ${path} HTTP/1.1\r\n${lines}${more}\r\n`);
        expect([path, await raw.status()]).toEqual([path, 400]);
        await waitFor('the end', raw.isClosed);
      }
    },
  );

  it.each<[string, Readonly<Record<string, string>>, Buffer, number, string]>([
    ['bytes that are not UTF-8', {}, Buffer.from('{"channel":"news.a","data":"caf\xe9"}', 'latin1'), 400, 'UTF-8'],
    ['half a character', {}, Buffer.from('{"channel":"news.a","data":"\xe2\x82"}', 'latin1'), 400, 'UTF-8'],
    ['gzip of them', gzipped, gzipSync(Buffer.from('{"channel":"news.a","data":"\xff"}', 'latin1')), 400, 'UTF-8'],
    ['what is not gzip', gzipped, Buffer.from('{"channel":"news.a","data":1}'), 400, 'headers'],
    ['half a gzip', gzipped, gzipSync('{"channel":"news.a","data":1}').subarray(0, 20), 400, 'headers'],
    ['zstd', { 'Content-Encoding': 'zstd' }, Buffer.from('x'), 415, 'Content-Encoding'],
    ['two encodings', { 'Content-Encoding': 'gzip, gzip' }, Buffer.from('x'), 415, 'Content-Encoding'],
    ['an odd charset', { 'Content-Type': 'application/json; charset=x-odd' }, Buffer.from('{}'), 415, 'charset'],
    ['no JSON', {}, Buffer.from('{"channel":'), 400, 'JSON'],
  ])('[G221] a body of %s is rejected with what is wrong', async (_what, headers, body, status, word) => {
    const { gateway, history } = await start({ API_KEY: apiKey, CHANNELS: 'news.*' });
    const response = await fetch(`http://127.0.0.1:${gateway.port}/api/publish`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json', ...headers },
      body: new Uint8Array(body),
    });
    const { detail } = (await response.json()) as { readonly detail: string };
    expect([response.status, detail]).toEqual([status, expect.stringContaining(word)]);
    expect((await history.newest(['news.a'], 1))[0]?.position).toBeNull();
  });

  it.each([{}, { AUTH: 'jwt', AUTH_JWT_SECRET: 'a secret of more than 32 characters' }])(
    '[GL27] targets that cannot be read are 400, before tokens are looked at: %o',
    async (env) => {
      const { gateway } = await start({ ...env, ADMIN_PORT: '0', ADMIN_TOKEN: 'of the operators' });
      for (const target of ['/%ff', '/eyJ.secret%ff', '/api/%c0', 'http://a:99999999/api/symbols', '/admin/%ff']) {
        for (const port of [gateway.port, gateway.adminPort]) {
          using raw = await openRaw(port);
          raw.send(`GET ${target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n`);
          expect([target, await raw.status()]).toEqual([target, 400]);
          await waitFor('the end', raw.isClosed);
          expect(raw.received()).toMatch(/\r\n\r\n\{"error":"bad request target"\}$/);
        }
      }
    },
  );
});
