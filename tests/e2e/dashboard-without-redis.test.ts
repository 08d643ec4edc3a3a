import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { connectPlain } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';
import { openPage, waitForMarket, waitForText } from './dashboard-page.js';

const market = { SYMBOLS: 'BTC-USD', SIM_RATE: '40' };

const expectNoPrices = async (page: Page): Promise<void> => {
  await waitForText(page, '#chart-cover', /No prices right now.*keeps trying/);
  await waitForText(page, '#link-text', /^No source of prices$/);
};

describe('a page that is opened while Redis is away', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });

  afterAll(() => browser?.close());

  it('[D321] at a gateway that knows the symbols: says so, and gets well by itself', async () => {
    await using redis = await startRedisServer();
    await using _producer = await startTickwire('producer', { REDIS_URL: redis.url, ...market });
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '0' });
    using staying = await connectPlain(`${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    await staying.until('a trade', ({ type }) => type === 'price.trade', 20_000);
    await redis.stop('SIGKILL');
    await staying.until('its end', ({ type }) => type === 'channel.stale');
    const { page } = await openPage(browser, `${gateway.url}/`);
    await expectNoPrices(page);
    await redis.start();
    await waitForMarket(page);
    await waitForText(page, '#link-text', /^Live$/, 20_000);
    await page.close();
  });

  it('[D321] at a gateway that has heard of no symbol: the same', async () => {
    const port = await freePort();
    const env = { REDIS_URL: `redis://127.0.0.1:${port}` };
    await using gateway = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    const { page } = await openPage(browser, `${gateway.url}/`);
    await expectNoPrices(page);
    const inList = page.locator('p.empty').filter({ hasText: 'No prices right now' });
    await waitFor('the list to say so', async () => (await inList.count()) === 1);
    await using _redis = await startRedisServer({ port });
    await using _producer = await startTickwire('producer', { ...env, ...market });
    await waitForMarket(page);
    await waitForText(page, '#link-text', /^Live$/, 20_000);
    expect(await page.locator('#chart-cover').isVisible()).toBe(false);
    await page.close();
  });
});
