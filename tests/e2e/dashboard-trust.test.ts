import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { isNightly } from '../support/depth.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { makeToken } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { openPage, waitForMarket, waitForText } from './dashboard-page.js';

const rowOf = (page: Page, symbol: string) => page.locator('.rows .row:not([hidden])').filter({ hasText: symbol });

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(() => browser?.close());

describe('prices that are not fresh', () => {
  let market: PastMarket;
  /** Each test leads it to an address of its own. */
  let page: Page;

  beforeAll(async () => {
    market = await startPastMarket({
      symbols: ['BTC-USD', 'ETH-USD', 'SOL-USD'],
      pastSeconds: 120,
      tradesPerSecond: 10,
    });
    ({ page } = await openPage(browser, `${market.url}/#/sim/NOPE-USD`));
  });

  afterAll(async () => {
    await page?.close();
    await market?.[Symbol.asyncDispose]();
  });

  it('[D28] a symbol that is not here, and an address that is none', async () => {
    await page.goto(`${market.url}/#/sim/NOPE-USD`);
    await waitForText(page, '#chart-cover', /There is no NOPE-USD here.*Choose one from the list/);
    await page.goto(`${market.url}/#whatever`);
    await waitForText(page, '#chart-cover', /Unknown address.*“whatever”/);
    await page.getByText('ETH-USD').click();
    await waitForMarket(page);
    expect(await page.locator('#chart-cover').isVisible()).toBe(false);
  });

  it('[D23] a feed that goes stale or down looks so within a second, and its neighbour does not', async () => {
    await page.goto(`${market.url}/#/sim/BTC-USD`);
    await waitForMarket(page);
    const state = (symbol: string) => rowOf(page, symbol).getAttribute('data-state');
    await waitFor('live prices', async () => (await state('BTC-USD')) === 'live');

    market.setState('BTC-USD', 'stale', 'no heartbeat');
    await waitFor('a stale row', async () => (await state('BTC-USD')) === 'stale');
    const last = rowOf(page, 'BTC-USD').locator('.last');
    expect(await last.evaluate((element) => getComputedStyle(element).textDecorationLine)).toBe('underline');
    const bid = page.locator('[data-field=bid]');
    expect(await bid.evaluate((element) => getComputedStyle(element).textDecorationLine)).toBe('underline');
    expect(await rowOf(page, 'BTC-USD').locator('.state-label').textContent()).toBe('stale');
    expect(await state('ETH-USD')).toBe('live');
    await waitForText(page, '#chart-note', /^Stale: the venue has gone silent \(no heartbeat\)$/);
    await waitForText(page, '#announcer', /BTC-USD: stale/);

    market.setState('BTC-USD', 'down', 'closed');
    await waitFor('a row that is down', async () => (await state('BTC-USD')) === 'down');
    market.setState('BTC-USD', 'live');
    await waitFor('a live row', async () => (await state('BTC-USD')) === 'live');
    await waitFor('no note', async () => !(await page.locator('#chart-note').isVisible()));
  });

  it('[D340] a price whose channel is stale looks so, and neither its neighbour nor the connection does', async () => {
    await page.goto(`${market.url}/#/sim/BTC-USD`);
    await waitForMarket(page);
    const states = async () =>
      Promise.all(['BTC-USD', 'ETH-USD'].map((symbol) => rowOf(page, symbol).getAttribute('data-state')));
    await waitFor('live prices', async () => `${await states()}` === 'live,live');
    market.setAside(['trade.sim.BTC-USD', 'bar-1m.sim.ETH-USD']);
    await waitFor('one stale row', async () => `${await states()}` === 'stale,live');
    await waitForText(page, '#chart-note', /^Stale: no update for a while$/);
    expect(await page.locator('#link-text').textContent()).toBe('Live');
    await page.goto(`${market.url}/#/sim/ETH-USD`);
    await waitForMarket(page);
    expect(await rowOf(page, 'ETH-USD').getAttribute('data-state')).toBe('live');
    market.setAside([]);
    await waitFor('live prices again', async () => `${await states()}` === 'live,live');
  });

  it('[D23] [D342] so does everything when prices stop coming, the forecast too', async () => {
    await page.goto(`${market.url}/#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page);
    await waitFor(
      'a steady flow',
      async () => Number.parseFloat((await page.locator('[data-field=rate]').textContent()) ?? '') > 2,
    );
    const live = () => page.locator('.rows .row[data-state=live]').count();
    await waitFor('live prices', async () => (await live()) === 3);
    market.pause();
    await waitFor('no live row', async () => (await live()) === 0);
    await waitForText(page, '#link-text', /Nothing is coming in/);
    await waitForText(page, '#forecast-note', /^stale$/);
    await waitForText(page, '#forecast-body .lead', /^90% interval, .* ahead of .*\d/);
    market.resume();
    await waitForText(page, '#forecast-note', /^(calibrated|warming up)$/);
    await waitFor('live prices again', async () => (await live()) === 3);
    await waitForText(page, '#link-text', /^Live$/);
  });

  it('[D28] a token that the answer to the connect rejects, and after another try a full server', async () => {
    const answers: ((socket: WebSocketRoute) => unknown)[] = [
      (socket) => socket.send(JSON.stringify({ id: 1, error: { code: 101, message: 'unauthorized' } })),
      (socket) => socket.close({ code: 3013, reason: 'too many requests' }),
    ];
    const { page } = await openPage(browser, `${market.url}/#/sim/BTC-USD`, {}, (empty) =>
      empty.routeWebSocket('**/connection/websocket', (socket) =>
        socket.onMessage(() => void (answers.length > 1 ? answers.shift() : answers[0])?.(socket)),
      ),
    );
    await waitForText(page, '#chart-cover', /Your access has expired or was rejected/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForText(page, '#chart-cover', /The server is full, trying again/);
    await page.close();
  });

  it('[D28] a server that is not there', async () => {
    const page = await browser.newPage();
    await page.routeWebSocket('**/connection/websocket', (socket) => socket.close({ code: 1006 }));
    await page.route('**/api/symbols', (route) => route.abort());
    await page.goto(market.url);
    await waitForText(page, '#chart-cover', /The server does not answer.*keeps trying/);
    await waitForText(page, '.markets .empty', /does not answer/);
    await page.close();
  });
});

describe('a server that wants a token', () => {
  const secret = 'a secret of more than 32 characters';
  let market: PastMarket;

  beforeAll(async () => {
    market = await startPastMarket({
      symbols: ['BTC-USD'],
      pastSeconds: 30,
      env: {
        AUTH: 'jwt',
        AUTH_JWT_SECRET: secret,
        AUTH_COOKIE: 'session',
        ALLOWED_ORIGINS: 'https://app.example',
      },
    });
  });

  afterAll(async () => {
    await market?.[Symbol.asyncDispose]();
  });

  const refused = /Your access has expired or was rejected.*requires a token in the page’s address/;

  it('[D28] shows everything to who has one', async () => {
    const token = makeToken({ alg: 'HS256', key: secret });
    const { page, troubles } = await openPage(browser, `${market.url}/?token=${token}#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page, 20);
    expect(troubles).toEqual([]);
    await page.close();
  });

  /** Why a token is rejected is the gateway's to judge, and proven there: the page shows the same. */
  const strangers = [
    ['without one', ''],
    ['with one of another server', `?token=${makeToken({ alg: 'HS256', key: `${secret}!` })}`],
    ['with one that has expired', `?token=${makeToken({ alg: 'HS256', key: secret, claims: { exp: 1_700_000_000 } })}`],
  ] as const;
  it.each(isNightly ? strangers : strangers.slice(0, 1))('[D28] says so to who comes %s', async (_, query) => {
    const { page } = await openPage(browser, `${market.url}/${query}#/sim/BTC-USD`);
    await waitForText(page, '#chart-cover', refused);
    await waitForText(page, '#announcer', /Your access has expired/);
    await waitForText(page, '.markets .empty', /Your access has expired or was rejected/);
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true);
    await page.close();
  });

  it('[GL1] a page of a foreign origin cannot open a WebSocket or a stream with the cookie of its visitor; our own page can', async () => {
    const foreign = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>evil</title>');
    }).listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const context = await browser.newContext();
    try {
      const { port } = market;
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
      await context.close();
      foreign.close();
      foreign.closeAllConnections();
    }
  });
});

describe('a server without a producer', () => {
  let gateway: MemoryGateway;

  beforeAll(async () => {
    gateway = await startMemoryGateway({ symbols: [] });
  });

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
  });

  it('[D28] is waited for, and followed once it speaks', async () => {
    const { page } = await openPage(browser, gateway.url);
    await waitForText(page, '#chart-cover', /No prices yet.*Start a producer/);
    await waitForText(page, '.markets .empty', /nothing feeds this server/);
    await gateway.publish('catalog', { type: 'feed.catalog', symbols: [{ venue: 'sim', symbol: 'BTC-USD' }] });
    await waitForText(page, '#instrument-name', /BTC-USD/);
    await waitForText(page, '#chart-cover', /No trade of BTC-USD yet/);
    await page.close();
  });
});
