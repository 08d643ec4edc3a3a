import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bar } from '@tickwire/protocol';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { isNightly } from '../support/depth.js';
import { connectPlain } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { startTwoGateways, type TwoGateways } from '../support/two-gateways.js';
import { waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { candleCount, openPage, waitForMarket, waitForText } from './dashboard-page.js';

/** Candles as they are drawn, oldest first, without the last two: one grows, one may still take a late trade. */
interface DrawnCandle {
  readonly start: number;
  readonly close: number;
}

const drawnCandles = async (page: Page): Promise<readonly DrawnCandle[]> => {
  const rows = await page.$$eval('.candles tbody tr', (elements) =>
    elements.map((row) => ({
      start: Number(row.getAttribute('data-start')),
      close: Number(row.getAttribute('data-close')),
    })),
  );
  return rows.slice(2).reverse();
};

const drawnTrades = (page: Page): Promise<readonly string[]> =>
  page.$$eval('.tape-lines .tape-price', (elements) => elements.map(({ textContent }) => textContent ?? '').reverse());

const figure = async (page: Page, name: string): Promise<number> =>
  Number(((await page.locator(`[data-field=${name}]`).textContent()) ?? '').replace(/\D/g, ''));

const linkState = (page: Page) => page.locator('#link-state').getAttribute('data-state');

/** Every state of the link, every cover of the chart, and all that was announced: some of it stays for a moment only. */
const watchStates = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen: string[] = [];
    const spoken: string[] = [];
    Object.assign(window, { seen, spoken });
    const link = document.getElementById('link-state');
    const cover = document.getElementById('chart-cover');
    const announcer = document.getElementById('announcer');
    if (link === null || cover === null || announcer === null) throw new TypeError('no such elements');
    const note = (): void => {
      seen.push(link.dataset['state'] ?? '');
      if (!cover.hidden) seen.push(`covered by ${cover.textContent}`);
    };
    new MutationObserver(note).observe(link, { attributes: true });
    new MutationObserver(() => spoken.push(announcer.textContent ?? '')).observe(announcer, { childList: true });
    new MutationObserver(note).observe(cover, { attributes: true, childList: true });
  });

const waitForSpoken = (page: Page, text: string): Promise<boolean> =>
  waitFor(`${text} to be announced`, async () =>
    ((await page.evaluate('spoken')) as readonly string[]).some((each) => each.includes(text)),
  );

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(() => browser?.close());

describe('a gateway that is killed under the page', () => {
  let tickwire: TwoGateways;

  beforeAll(async () => {
    tickwire = await startTwoGateways({ SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
  });

  afterAll(async () => {
    await tickwire?.[Symbol.asyncDispose]();
  });

  it('[D24] the page says that it reconnects, keeps what it drew, and goes on at another one without a gap', async () => {
    const { page } = await openPage(browser, `${tickwire.url}/#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page, 4);
    await page.getByRole('button', { name: 'Table of candles' }).click();
    await watchStates(page);
    const before = await candleCount(page);
    const publishedBefore = await tickwire.published.top('trade.sim.BTC-USD');

    const killed = tickwire.failOver({ channel: 'trade.sim.BTC-USD', missed: 80 });
    await waitFor('the page to notice', async () => (await linkState(page)) === 'reconnecting');
    await waitForText(page, '#link-text', /Reconnecting/);
    await waitFor(
      'a stale row',
      async () => (await page.locator('.rows .row[data-state=stale]:not([hidden])').count()) === 1,
    );
    await waitForSpoken(page, 'Reconnecting');
    expect(await candleCount(page)).toBeGreaterThanOrEqual(before);
    await killed;

    await waitFor('the other gateway', async () => (await linkState(page)) === 'live', 20_000);
    await waitForSpoken(page, 'Connected again');
    await waitFor('a live row', async () => (await page.locator('.rows .row[data-state=live]').count()) === 1);
    expect(await figure(page, 'reconnects')).toBe(1);
    await waitFor('80 recovered messages', async () => (await figure(page, 'recovered')) >= 80);
    // "stale" says that prices pause for a moment, as they do where the machine is held up.
    const states = new Set((await page.evaluate('seen')) as string[]);
    states.delete('stale');
    expect(states).toEqual(new Set(['reconnecting', 'live']));

    const until = await candleCount(page);
    await waitFor('new candles', async () => (await candleCount(page)) > until + 1);
    await waitForText(page, '#chart-summary', /none missing/);

    const drawn = await drawnCandles(page);
    const bars = await tickwire.published.range(
      'bar-1s.sim.BTC-USD',
      1,
      await tickwire.published.top('bar-1s.sim.BTC-USD'),
    );
    const closes = new Map(
      (bars as unknown as Bar[]).filter(({ closed }) => closed).map(({ start, close }) => [start, Number(close)]),
    );
    expect(drawn.length).toBeGreaterThanOrEqual(before);
    expect(drawn).toEqual(drawn.map(({ start }) => ({ start, close: closes.get(start) })));
    const starts = drawn.map(({ start }) => start);
    expect(starts).toEqual(starts.map((_, i) => (starts[0] ?? 0) + i * 1_000));

    const lines = (await drawnTrades(page)).map((price) => Number(price.replaceAll(',', '')));
    const top = await tickwire.published.top('trade.sim.BTC-USD');
    const trades = (await tickwire.published.range('trade.sim.BTC-USD', publishedBefore, top)).map(({ price }) =>
      Number(price),
    );
    expect(lines.length).toBe(60);
    expect(` ${trades.join(' ')} `).toContain(` ${lines.join(' ')} `);
    await page.close();
  });
});

describe('a gateway that comes back, and a device that goes offline', () => {
  let market: PastMarket;
  let page: Page;

  beforeAll(async () => {
    market = await startPastMarket({ symbols: ['BTC-USD', 'ETH-USD'], pastSeconds: 90, tradesPerSecond: 10 });
    ({ page } = await openPage(browser, `${market.url}/#/sim/BTC-USD?interval=1s`));
  });

  afterAll(async () => {
    await page?.close();
    await market?.[Symbol.asyncDispose]();
  });

  it('[D24] over and over, with candles and fans as if nothing had been', async () => {
    await waitForMarket(page, 60);
    for (let times = 1; times <= (isNightly ? 3 : 1); times += 1) {
      await market.stopGateway();
      await waitFor('the page to notice', async () => (await linkState(page)) === 'reconnecting');
      await market.startGateway();
      await waitFor('the gateway again', async () => (await linkState(page)) === 'live');
      const until = await candleCount(page);
      await waitFor('new candles', async () => (await candleCount(page)) > until);
      await waitForText(page, '#chart-summary', /none missing/);
      expect(await figure(page, 'reconnects')).toBe(times);
    }
  });

  it('[D25] a device that goes offline is notified, and prices come back by themselves', async () => {
    await waitForMarket(page, 60);
    await page.context().setOffline(true);
    await waitForText(page, '#link-text', /^Offline$/);
    await waitFor(
      'stale rows',
      async () => (await page.locator('.rows .row[data-state=stale]:not([hidden])').count()) === 2,
    );
    expect(await page.locator('#chart-cover').isVisible()).toBe(false);
    await page.context().setOffline(false);
    await waitForText(page, '#link-text', /^Live$/);
    await waitForText(page, '#chart-summary', /none missing/);
  });
});

const expectNoPrices = async (page: Page): Promise<void> => {
  await waitForText(page, '#chart-cover', /No prices right now.*keeps trying/);
  await waitForText(page, '#link-text', /^No source of prices$/);
};

describe('a page that is opened while Redis is away', () => {
  it('[D321] says so, at a gateway that knows the symbols and at one that has heard of none, and gets well by itself', async () => {
    await using redis = await startRedisServer();
    const env = { REDIS_URL: redis.url, DRAIN_MS: '0' };
    await using _producer = await startTickwire('producer', { ...env, SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
    await using knowing = await startTickwire('gateway', env);
    using staying = await connectPlain(`${knowing.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    await staying.until('a trade', ({ type }) => type === 'price.trade', 20_000);
    await redis.stop('SIGKILL');
    await staying.until('its end', ({ type }) => type === 'channel.stale');
    await using deaf = await startTickwire('gateway', env);

    const pages = [await openPage(browser, `${knowing.url}/`), await openPage(browser, `${deaf.url}/`)].map(
      ({ page }) => page,
    );
    for (const page of pages) await expectNoPrices(page);
    const inList = pages[1]?.locator('p.empty').filter({ hasText: 'No prices right now' });
    await waitFor('the list to say so', async () => (await inList?.count()) === 1);
    await redis.start();
    for (const page of pages) {
      await waitForMarket(page);
      await waitForText(page, '#link-text', /^Live$/, 20_000);
      expect(await page.locator('#chart-cover').isVisible()).toBe(false);
      await page.close();
    }
  });
});
