import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const artefacts = fileURLToPath(new URL('../../artefacts/', import.meta.url));

describe('the pages in a real browser', () => {
  let browser: Browser;
  let tickwire: TickwireProcess;

  beforeAll(async () => {
    await mkdir(artefacts, { recursive: true });
    [browser, tickwire] = await Promise.all([
      startBrowser(),
      startTickwire('standalone', { SYMBOLS: 'BTC-USD,ETH-USD' }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await tickwire?.[Symbol.asyncDispose]();
  });

  it('[E2] the page of the blog post shows a price that moves, unchanged', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${tickwire.url}/examples/plain.html`);
    const price = page.locator('#price');
    const seen = new Set<string>();
    await waitFor('three prices', async () => {
      const text = (await price.textContent()) ?? '';
      if (Number(text) > 0) seen.add(text);
      return seen.size >= 3;
    });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('[GL40] the page below a path of a proxy asks for nothing outside it, and shows prices', async () => {
    await using proxy = await startPrefixProxy(tickwire.port, '/right/prices/');
    const page = await browser.newPage();
    const paths: string[] = [];
    const sockets: string[] = [];
    page.on('request', (request) => paths.push(new URL(request.url()).pathname));
    page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
    await page.goto(`${proxy.url}?from=test#/`);
    await waitFor('a price', async () => /BTC-USD[\s\S]*\d\.\d/.test((await page.locator('body').textContent()) ?? ''));
    await waitFor('its socket', () => sockets.length > 0);
    expect(new Set(sockets)).toEqual(new Set(['/right/prices/connection/websocket']));
    expect(paths.filter((path) => !path.startsWith('/right/prices/'))).toEqual([]);
    await page.close();
  });

  it('[E3] the page at / lists every symbol with prices that move', async () => {
    const page = await browser.newPage({ viewport: { width: 1_000, height: 520 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('requestfailed', (request) => errors.push(request.url()));
    const origins = new Set<string>();
    page.on('request', (request) => origins.add(new URL(request.url()).host));
    await page.goto(tickwire.url);
    const symbols = (await (await fetch(`${tickwire.url}/api/symbols`)).json()) as { readonly symbol: string }[];
    const text = async (): Promise<string> => (await page.locator('body').textContent()) ?? '';
    const first = await waitFor('every symbol', async () => {
      const shown = await text();
      return symbols.every(({ symbol }) => shown.includes(symbol)) && /\d/.test(shown) && shown;
    });
    await waitFor('prices to move', async () => (await text()) !== first);
    await page.screenshot({ path: `${artefacts}/page.png` });
    expect(errors).toEqual([]);
    expect([...origins]).toEqual([new URL(tickwire.url).host]);
    await page.close();
  });
});
