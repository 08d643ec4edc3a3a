import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createExpressApp } from './express-app.js';
import { createPages } from './pages.js';

const folder = mkdtempSync(join(tmpdir(), 'pages-'));
const plain = '<meta property="og:image" content="./preview.png"><link href="./favicon.ico">';
for (const name of ['index.html', 'index.html.br', 'index.html.gz']) writeFileSync(join(folder, name), plain);

describe('the page', () => {
  const servers = [0, 1, 2].map((trustedProxies) =>
    createServer(
      createExpressApp({
        failures: { failed: () => {} },
        serve: (app) => void app.use(createPages(folder, trustedProxies)),
        missing: (_request, response) => void response.status(404).end(),
      }),
    ),
  );
  beforeAll(() => Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening'))));
  afterAll(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true });
  });

  const ask = async (trustedProxies: number, headers: OutgoingHttpHeaders) => {
    const { port } = (servers[trustedProxies] as Server).address() as AddressInfo;
    const [response] = await once(get({ port, host: '127.0.0.1', headers }), 'response');
    return { headers: response.headers, bytes: await buffer(response) };
  };
  const picture = async (trustedProxies: number, headers: OutgoingHttpHeaders): Promise<string | undefined> => {
    const { bytes } = await ask(trustedProxies, headers);
    return /og:image" content="([^"]*)"/.exec(bytes.toString())?.[1];
  };
  const said = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Prefix': '/prices' };

  it('[G252] names its picture by the address it was asked for', async () => {
    expect(await picture(0, { Host: 'prices.example:8000' })).toBe('http://prices.example:8000/preview.png');
    expect(await picture(0, { Host: '[::1]:8000' })).toBe('http://[::1]:8000/preview.png');
    expect((await ask(0, { Host: 'a.example' })).bytes.toString()).toContain('href="./favicon.ico"');
  });

  it('[G252] believes proxies that are counted, and nobody else', async () => {
    expect(await picture(0, { Host: 'a.example', ...said })).toBe('http://a.example/preview.png');
    expect(await picture(1, { Host: 'a.example', ...said })).toBe('https://a.example/prices/preview.png');
    // The client made up the first; of two proxies the outer one saw the client.
    expect(await picture(1, { Host: 'a.example', 'X-Forwarded-Proto': 'https, http' })).toMatch(/^http:/);
    expect(await picture(2, { Host: 'a.example', 'X-Forwarded-Proto': 'https, http' })).toMatch(/^https:/);
    expect(await picture(2, { Host: 'a.example', 'X-Forwarded-Proto': 'https' })).toMatch(/^https:/);
  });

  it.each([{ Host: "a.example'!" }, { Host: 'a_b.example' }, { Host: 'a.example:999999' }])(
    '[G252] repeats no host that a browser would not open: $Host',
    async (headers) => {
      expect(await picture(1, headers)).toBe('./preview.png');
    },
  );

  it.each(['javascript', '"><script>'])('[G252] repeats nothing that is no scheme or path: %s', async (made) => {
    const headers = { Host: 'a.example', 'X-Forwarded-Proto': made, 'X-Forwarded-Prefix': `/${made}">` };
    expect(await picture(1, headers)).toBe('http://a.example/preview.png');
  });

  it('[G252] is compressed as any other file, and has a tag of its own for each address', async () => {
    const tags = new Set<unknown>();
    // More addresses than are kept.
    for (let host = 0; host < 20; host += 1) {
      const headers = { Host: `h${host}.example` };
      const [whole, br, gzip] = await Promise.all(
        ['identity', 'br', 'gzip'].map((encoding) => ask(0, { ...headers, 'Accept-Encoding': encoding })),
      );
      expect([br?.headers['content-encoding'], gzip?.headers['content-encoding']]).toEqual(['br', 'gzip']);
      expect(brotliDecompressSync(br?.bytes ?? '').equals(whole?.bytes ?? Buffer.of())).toBe(true);
      expect(gunzipSync(gzip?.bytes ?? '').equals(whole?.bytes ?? Buffer.of())).toBe(true);
      expect(whole?.bytes.toString()).toContain(`"http://h${host}.example/preview.png"`);
      tags.add(whole?.headers.etag);
    }
    expect(tags.size).toBe(20);
  });
});
