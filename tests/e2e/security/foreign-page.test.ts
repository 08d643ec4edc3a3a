import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startBrowser } from '../../support/browser.js';
import { startMemoryGateway } from '../../support/memory-gateway.js';
import { makeToken } from '../../support/tokens.js';

const secret = 'a secret of more than 32 characters';

describe('a page of a foreign origin in a browser', () => {
  it('[GL1] cannot open a WebSocket or a stream with the cookie of its visitor; our own page can', async () => {
    await using server = await startMemoryGateway({
      env: { AUTH: 'jwt', AUTH_JWT_SECRET: secret, AUTH_COOKIE: 'session', ALLOWED_ORIGINS: 'https://app.example' },
    });
    const foreign = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>evil</title>');
    }).listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const browser = await startBrowser();
    try {
      const context = await browser.newContext();
      const { port } = server.gateway;
      await context.addCookies([
        { name: 'session', value: makeToken({ alg: 'HS256', key: secret }), url: `http://127.0.0.1:${port}` },
      ]);
      // Cookies know no ports: the foreign page's requests carry the visitor's.
      const attempt = `(async () => {
        const socket = new WebSocket('ws://127.0.0.1:${port}/ws/prediction/?channels=trade.sim.BTC-USD');
        const opened = await new Promise((resolve) => {
          socket.onopen = () => resolve('opened');
          socket.onclose = ({ code }) => resolve(code);
        });
        const read = await fetch('http://127.0.0.1:${port}/api/symbols', { credentials: 'include' })
          .then((response) => response.status, () => 'unreadable');
        return [opened, read];
      })()`;
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
      expect(await page.evaluate(attempt)).toEqual([1006, 'unreadable']);
      await page.goto(`http://127.0.0.1:${port}/examples/plain.html`);
      expect(await page.evaluate(attempt)).toEqual(['opened', 200]);
    } finally {
      await browser.close();
      foreign.close();
      foreign.closeAllConnections();
    }
  });
});
