import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { openPage, waitForMarket, waitForText } from './dashboard-page.js';
import { violations } from './violations.js';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('charts side by side', () => {
  let browser: Browser;
  let market: PastMarket;

  beforeAll(async () => {
    [browser, market] = await Promise.all([
      startBrowser(),
      startPastMarket({ symbols: ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD'], pastSeconds: 150, tradesPerSecond: 10 }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await market?.[Symbol.asyncDispose]();
  });

  it('[D27] [D81] come by a click, share one connection, have an address, and change places', async () => {
    const { page, troubles, requests } = await openPage(browser, `${market.url}/#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page, 60);
    const sockets = () => requests.filter((url) => url.startsWith('ws')).length;
    const tiles = page.locator('.tile');
    await page.getByRole('button', { name: '4 charts' }).click();
    await waitFor('three more charts', async () => (await tiles.count()) === 3);
    const charts = page.locator('.tile-chart');
    await waitFor('their candles', async () => {
      const labels = await charts.evaluateAll((found) => found.map((chart) => chart.getAttribute('aria-label') ?? ''));
      return labels.every((label) => Number.parseInt(label, 10) > 60);
    });
    await waitFor('their prices', async () =>
      (await page.locator('.tile-price').allTextContents()).every((text) => /\d/.test(text)),
    );
    expect(sockets()).toBe(1);
    const address = page.url();
    expect(address).toMatch(/#\/sim\/BTC-USD\?interval=1s&beside=(sim\/(ETH|SOL|XRP)-USD,?){3}$/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1_440);

    await page.getByTitle('Open SOL-USD').click();
    await waitForText(page, '#instrument-name', /SOL-USD/);
    expect(await tiles.locator('.tile-name').allTextContents()).toContain('BTC-USD');
    await page.getByRole('button', { name: 'Close XRP-USD' }).click();
    await waitFor('two beside', async () => (await tiles.count()) === 2);
    await page.goBack();
    await waitFor('three beside', async () => (await tiles.count()) === 3);
    expect(sockets()).toBe(1);
    expect(troubles).toEqual([]);
    await page.close();

    // Whoever is sent the address sees the same.
    const other = await openPage(browser, address, {
      ...{ viewport: { width: 768, height: 1_024 }, reducedMotion: 'reduce', bypassCSP: true },
    });
    await waitForText(other.page, '#instrument-name', /BTC-USD/);
    await waitFor('the same charts', async () => (await other.page.locator('.tile').count()) === 3);
    expect(await other.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(768);
    await waitForText(other.page, '.tile-price', /\d/);
    expect(await violations(other.page, await readFile(axeFile, 'utf8'))).toEqual([]);
    await other.page.click('#link-state');
    expect(await violations(other.page, await readFile(axeFile, 'utf8'))).toEqual([]);
    await other.page.keyboard.press('Escape');
    await other.page.getByRole('button', { name: '1 chart' }).click();
    await waitFor('one chart', async () => (await other.page.locator('.tile').count()) === 0);
    expect(other.troubles).toEqual([]);
    await other.page.close();
  });
});
