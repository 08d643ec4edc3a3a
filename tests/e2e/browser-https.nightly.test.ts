import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { makeCertificate, mountedCertificate } from '../support/certificate.js';
import { haproxyBin, startDeliveredHaproxy } from '../support/haproxy.js';
import { startTickwire } from '../support/tickwire-process.js';
import { makeToken } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';
import { openPage, waitForText } from './dashboard-page.js';

const secret = 'a secret of some length, for tests';
/** A name, as visitors use: of the addresses of a machine itself browsers do not make `wss:`. */
const host = 'prices.example.test';
const market = { SYMBOLS: 'BTC-USD', SIM_RATE: '20' };
const access = { AUTH: 'jwt', AUTH_JWT_SECRET: secret, AUTH_COOKIE: 'token', AUTH_ALLOW: '*' };

interface Served extends AsyncDisposable {
  /** Where it speaks TLS. */
  readonly port: number;
}

const gatewayAlone = async (env: Readonly<Record<string, string>>): Promise<Served> => {
  const certificate = await makeCertificate();
  const files = { TLS_CERT_FILE: certificate.certificateFile, TLS_KEY_FILE: certificate.keyFile };
  const tickwire = await startTickwire('standalone', { ...market, ...files, ...env });
  return {
    port: tickwire.port,
    async [Symbol.asyncDispose]() {
      await tickwire[Symbol.asyncDispose]();
      await certificate[Symbol.asyncDispose]();
    },
  };
};

const behindHaproxy = async (env: Readonly<Record<string, string>>): Promise<Served> => {
  const certificate = await mountedCertificate();
  const tickwire = await startTickwire('standalone', { ...market, TRUST_PROXY: '1', ...env });
  const gateways = [tickwire.port];
  const haproxy = await startDeliveredHaproxy(haproxyBin(), { gateways, tlsFolder: certificate.folder });
  await waitFor('HAProxy to see the gateway', async () => (await fetch(`http://127.0.0.1:${haproxy.port}/readyz`)).ok);
  return {
    port: haproxy.tlsPort,
    async [Symbol.asyncDispose]() {
      for (const each of [haproxy, tickwire, certificate]) await each[Symbol.asyncDispose]();
    },
  };
};

describe.each([
  { name: 'a gateway alone', serve: gatewayAlone },
  { name: 'HAProxy with a certificate', serve: behindHaproxy },
])('a browser over HTTPS, through $name', ({ serve }) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser([`--host-resolver-rules=MAP ${host} 127.0.0.1`]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('[GL70] [E91] the page and its sockets stay with TLS, and prices move', async () => {
    await using served = await serve({});
    const url = `https://${host}:${served.port}`;
    const { page, troubles, requests } = await openPage(browser, url, { ignoreHTTPSErrors: true });
    const prices = new Set<string>();
    await waitFor('three prices', async () => {
      prices.add(await waitForText(page, '#quote-price', /\d/));
      return prices.size >= 3;
    });
    expect(new Set(requests.map((asked) => new URL(asked).origin))).toEqual(
      new Set([url, url.replace('https', 'wss')]),
    );
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('[GL170] the page of the blog post works unchanged, although it opens a socket without TLS', async () => {
    await using served = await serve({});
    const url = `https://${host}:${served.port}/examples/plain.html`;
    const { page, troubles, requests } = await openPage(browser, url, { ignoreHTTPSErrors: true });
    await waitForText(page, '#price', /^\d/);
    expect(requests.filter((asked) => asked.startsWith('ws:'))).toEqual([]);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('[GL70] [E91] a cookie that only goes over TLS lets the page in, and without it nobody sees a price', async () => {
    await using served = await serve(access);
    const url = `https://${host}:${served.port}`;
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1_440, height: 900 } });
    const value = makeToken({ alg: 'HS256', key: secret });
    const cookie = { name: 'token', value, domain: host, path: '/', secure: true, httpOnly: true } as const;
    const stranger = await context.newPage();
    await stranger.goto(url);
    const statusOf = () => fetch('/api/symbols').then(({ status }) => status);
    expect(await stranger.evaluate(statusOf)).toBe(401);
    await context.addCookies([{ ...cookie, sameSite: 'Strict' }]);
    const page = await context.newPage();
    await page.goto(url);
    await waitForText(page, '#quote-price', /\d/);
    await context.close();
  });
});
