import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createExpressApp, hasGoodHost } from './express-app.js';

test('[GL27] what fails is answered in one sentence and noted', async () => {
  const failures: unknown[] = [];
  const app = createExpressApp({
    failures: { failed: (details) => failures.push(details?.['err']) },
    serve(app) {
      app.get('/sync', () => {
        throw new Error('at /srv/inside.js:7');
      });
      app.get('/async', () => Promise.reject(new Error('at /srv/inside.js:7')));
      app.get('/late', (_request, response) => {
        response.write('half');
        throw new Error('at /srv/inside.js:7');
      });
    },
    missing: (_request, response) => void response.status(404).json({ error: 'not found' }),
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string) => {
    const answer = await fetch(`${url}${path}`);
    return [answer.status, await answer.text()];
  };
  const failed = [500, '{"error":"internal error"}'];
  expect([await ask('/sync'), await ask('/async')]).toEqual([failed, failed]);
  await expect(ask('/late')).rejects.toThrow();
  expect(await ask('/other')).toEqual([404, '{"error":"not found"}']);
  expect(failures).toHaveLength(3);
  server.close();
  server.closeAllConnections();
});

const asked = (...hosts: string[]): boolean =>
  hasGoodHost({ rawHeaders: ['Accept', '*/*', ...hosts.flatMap((host) => ['hOST', host])] });

test.each(['a', 'example.com', 'example.com.', 'a_b-c:8000', '127.0.0.1:80', '[::1]', '[fe80::1%25eth0]:443', 'a:'])(
  '[GL261] the host %j is one',
  (host) => {
    expect(asked(host)).toBe(true);
  },
);

test.each([
  '',
  'a@b',
  'user:pw@host',
  'a b',
  'a/b',
  'a?b',
  'a#b',
  'a:b',
  'a:1:2',
  '[::1',
  ':80',
  'a\tb',
  'ä',
  'a%zz',
  'a\\b',
])('[GL261] the host %j is not one', (host) => {
  expect(asked(host)).toBe(false);
});

test('[GL261] two hosts are one too many, the same twice too; without one HTTP/1.0 is complete', () => {
  expect(asked('a', 'b')).toBe(false);
  expect(asked('a', 'a')).toBe(false);
  expect(asked()).toBe(true);
});
