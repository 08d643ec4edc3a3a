import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { openSdk } from '../support/centrifuge-sdk.js';
import { isNightly } from '../support/depth.js';
import { connectPlain } from '../support/plain-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';
import { openPage, waitForText } from './dashboard-page.js';
import { violations } from './violations.js';

const token = 'an operator of some kind';
const channel = 'trade.sim.BTC-USD';
const hostile = '<img src=x onerror="document.title=\'taken over\'">';
const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const signIn = async (page: Page, given: string): Promise<void> => {
  await page.getByLabel("Operators' token").fill(given);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

/** The text of each cell, by title, of the rows of a table. */
const rowsOf = (page: Page, id: string): Promise<readonly Readonly<Record<string, string>>[]> =>
  page.evaluate(
    (section) =>
      [...document.querySelectorAll(`#${section} tbody tr`)].map((row) =>
        Object.fromEntries(
          [...row.children].map((cell) => [cell.getAttribute('data-title') ?? '', cell.textContent ?? '']),
        ),
      ),
    id,
  );

describe("the operators' page", () => {
  let browser: Browser;
  let redis: RedisServer;
  let producer: TickwireProcess;
  let north: TickwireProcess;
  let south: TickwireProcess;

  beforeAll(async () => {
    [browser, redis] = await Promise.all([startBrowser(), startRedisServer()]);
    const env = { REDIS_URL: redis.url, ADMIN_TOKEN: token, DRAIN_MS: '200' };
    [producer, north, south] = await Promise.all([
      startTickwire('producer', { ...env, SYMBOLS: 'BTC-USD', SIM_RATE: '40' }),
      startTickwire('gateway', { ...env, GATEWAY_NAME: 'north' }),
      startTickwire('gateway', { ...env, GATEWAY_NAME: 'south' }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    for (const each of [producer, north, south, redis]) await each?.[Symbol.asyncDispose]();
  });

  /** Publishes a status whose every word is markup, as anyone who may publish to groups could. */
  const publishHostile = async (): Promise<void> => {
    const feed = { name: hostile, state: 'down', live: 0, streams: 1, since: Date.now() };
    const trouble = { at: Date.now(), symbol: hostile, state: hostile, reason: hostile };
    const event = { at: Date.now(), until: Date.now(), kind: hostile, text: hostile, count: 1 };
    const status = JSON.stringify({
      owner: hostile,
      isLeading: true,
      buffered: 0,
      published: 1,
      overflowed: 0,
      feeds: [{ ...feed, trouble }],
      events: [event],
    });
    const letter = { type: 'fleet.report', from: 'x', to: '', topic: 'producer', id: '', at: Date.now(), body: status };
    const mouth = new Redis(redis.url);
    await mouth.publish('asgi__group__tickwire.producers', Buffer.from(encode(letter)));
    mouth.disconnect();
  };

  it('[G89] asks for the token, shows all reports as text, and forgets the token at sign-out', async () => {
    using _client = await connectPlain(`${south.url}/ws/prediction/?channels=${channel}`);
    const { page, troubles, requests } = await openPage(browser, `${north.url}/admin`);
    await signIn(page, 'not the token of anybody');
    await waitForText(page, '#alert', /^Wrong token\.$/);
    expect(await page.locator('#view').isVisible()).toBe(false);
    // The browser itself notes the 401.
    expect(troubles).toEqual([expect.stringMatching(/401/)]);

    await signIn(page, token);
    await waitForText(page, '#summary', /^2 of 2 gateways ready · 1 connections/);
    expect(await page.locator('#alert').textContent()).toBe('');
    const gateways = await rowsOf(page, 'gateways');
    expect(gateways.map((row) => [row['Gateway']?.slice(0, 5), row['State'], row['Connections']])).toEqual([
      ['north', 'ready', '0'],
      ['south', 'ready', '1'],
    ]);
    await waitFor('rates', async () => {
      const [south] = (await rowsOf(page, 'gateways')).slice(1);
      const [first] = (await rowsOf(page, 'channels')).filter((row) => row['Channel'] === channel);
      return Number(south?.['Deliveries/s']) > 0 && Number(first?.['Publications/s']) > 0 && first;
    });
    expect(await rowsOf(page, 'channels')).toContainEqual(
      expect.objectContaining({ Channel: channel, Subscribers: '1', State: 'current' }),
    );
    const owner = `${(await rowsOf(page, 'producers'))[0]?.['Producer']}`;
    expect(await rowsOf(page, 'producers')).toEqual([
      expect.objectContaining({ Role: 'leader', Signed: 'yes', Producer: expect.stringContaining(`:${producer.pid}`) }),
    ]);
    expect(await rowsOf(page, 'feeds')).toEqual([
      expect.objectContaining({ Feed: 'sim', State: 'live', 'Live streams': '1 of 1', Producer: owner }),
    ]);
    expect(await rowsOf(page, 'events')).toContainEqual(expect.objectContaining({ Kind: 'leader', What: 'elected' }));

    await publishHostile();
    await waitFor('the hostile one', async () =>
      (await rowsOf(page, 'producers')).some(
        (row) => row['Producer'] === hostile && /unverified/.test(row['Signed'] ?? ''),
      ),
    );
    expect(await rowsOf(page, 'feeds')).toContainEqual(expect.objectContaining({ Feed: hostile, State: 'down' }));
    expect(await rowsOf(page, 'events')).toContainEqual(expect.objectContaining({ Kind: hostile, What: hostile }));
    expect(await page.locator('#summary').textContent()).toContain(`led by ${owner}`);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('Tickwire operators');

    await page.reload();
    await waitForText(page, '#summary', /gateways ready/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByLabel("Operators' token").isVisible()).toBe(true);
    expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0);
    expect(troubles.slice(1)).toEqual([]);
    expect(requests.filter((url) => url.includes('operator%20') || url.includes(token))).toEqual([]);
    expect(new Set(requests.map((url) => new URL(url).host))).toEqual(new Set([new URL(north.url).host]));
    await page.close();
  });

  type Look = readonly [width: number, theme: 'light' | 'dark'];
  /** At night each look has a page of its own; by day one page is dressed anew. */
  const pages: readonly (readonly Look[])[] = isNightly
    ? [360, 1_280].flatMap((width) => (['light', 'dark'] as const).map((theme) => [[width, theme]] as const))
    : [
        [
          [360, 'light'],
          [1_280, 'dark'],
        ],
      ];
  it.each(pages.map((looks) => [looks.map((look) => look.join(' px, ')).join('; '), looks] as const))(
    '[G89] axe-core finds nothing at %s',
    async (_, looks) => {
      const axe = await readFile(axeFile, 'utf8');
      using _client = await connectPlain(`${south.url}/ws/prediction/?channels=${channel}`);
      const { page } = await openPage(browser, `${north.url}/admin`, { reducedMotion: 'reduce', bypassCSP: true });
      const inEachLook = async (check: (width: number) => Promise<void>): Promise<void> => {
        for (const [width, colorScheme] of looks) {
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme });
          await check(width);
        }
      };
      await inEachLook(async () => expect(await violations(page, axe)).toEqual([]));
      await signIn(page, token);
      await waitForText(page, '#summary', /^2 of 2 gateways ready/);
      await inEachLook(async (width) => {
        expect(await violations(page, axe)).toEqual([]);
        // Nothing is wider than the page.
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        await page.getByRole('button', { name: 'Drain south' }).click();
        expect(await violations(page, axe)).toEqual([]);
        await page.keyboard.press('Escape');
        expect(await page.getByRole('dialog').isVisible()).toBe(false);
      });
      await page.close();
    },
  );

  it('[G231] keeps what it shows, and names the field, while an answer does not have the shape', async () => {
    const { page, troubles } = await openPage(browser, `${north.url}/admin`);
    await signIn(page, token);
    await waitForText(page, '#summary', /^2 of 2 gateways ready/);
    await page.route('**/admin/api/status', (route) =>
      route.fulfill({ json: { at: 1, gateways: 'none', producers: [] } }),
    );
    await waitForText(page, '#alert', /^This page cannot read the answer of the gateway \(gateways: /);
    expect(await page.locator('#view').getAttribute('data-old')).toBe('true');
    expect((await rowsOf(page, 'gateways')).length).toBe(2);
    await page.unroute('**/admin/api/status');
    await waitForText(page, '#alert', /^$/);
    expect(await page.locator('#view').getAttribute('data-old')).toBeNull();
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('[G90] disconnects one session, and drains a gateway whose clients go on at the other', async () => {
    await using proxy = await startTcpProxy(south.port);
    const { page, troubles } = await openPage(browser, `${north.url}/admin`);
    await signIn(page, token);
    await waitForText(page, '#summary', /^2 of 2 gateways ready · 0 connections/);
    using one = await connectPlain(`${south.url}/ws/prediction/?channels=${channel}`);
    using two = await connectPlain(`${south.url}/ws/prediction/?channels=${channel}`);
    using stays = await connectPlain(`${north.url}/ws/prediction/?channels=${channel}`);
    await waitForText(page, '#summary', /· 3 connections/);

    expect(await rowsOf(page, 'sessions')).toContainEqual(
      expect.objectContaining({ Gateway: 'south', Follows: channel, Streams: '1' }),
    );
    const disconnect = page.getByRole('button', { name: /^Disconnect session \w+ of south$/ });
    await disconnect.first().focus();
    await page.keyboard.press('Enter');
    await Promise.race([one.closed, two.closed]);
    const [left, kept] = one.socket.readyState === one.socket.CLOSED ? [one, two] : [two, one];
    expect((await left.closed).code).toBe(3503);
    const before = kept.messages.length;
    await waitFor('the other to go on', () => kept.messages.length > before + 5);
    await waitFor('what came of it', async () =>
      (await rowsOf(page, 'events')).some(
        (row) => row['Reported by'] === 'south' && /^session .* disconnected$/.test(row['What'] ?? ''),
      ),
    );
    await waitForText(page, '#summary', /· 2 connections/);

    const client = openSdk('JSON', proxy.url);
    const offsets: number[] = [];
    const subscription = client.newSubscription(channel);
    subscription.on('publication', ({ offset }) => offsets.push(offset ?? 0));
    subscription.subscribe();
    client.connect();
    await waitFor('publications', () => offsets.length > 5);
    const drain = page.getByRole('button', { name: 'Drain south' });
    await drain.click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByRole('dialog').isVisible()).toBe(false);
    // As a balancer does, which asks /readyz: that answers 503 from the order on.
    proxy.target = north.port;
    await drain.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain south' }).click();
    expect((await kept.closed).code).toBe(3001);
    await waitFor('the client on north', async () =>
      (await rowsOf(page, 'gateways')).some((row) => row['Gateway']?.startsWith('north') && row['Connections'] === '2'),
    );
    const moved = offsets.length;
    await waitFor('publications after it', () => offsets.length > moved + 5);
    expect(offsets).toEqual(offsets.map((_, index) => (offsets[0] ?? 0) + index));
    client.disconnect();

    await waitFor('south to be empty', async () => {
      const [, drained] = await rowsOf(page, 'gateways');
      return drained?.['State'] === 'draining' && drained['Connections'] === '0';
    });
    expect(await drain.isDisabled()).toBe(true);
    await waitFor('what came of it', async () =>
      (await rowsOf(page, 'events')).some((row) => /^drain: 2 clients sent elsewhere/.test(row['What'] ?? '')),
    );
    expect(stays.socket.readyState).toBe(stays.socket.OPEN);
    expect((await fetch(`${south.url}/readyz`)).status).toBe(503);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
