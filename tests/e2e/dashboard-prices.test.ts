import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';
import { openPage, waitForText } from './dashboard-page.js';

const tiny = {
  symbol: 'PEPE-USD',
  last: '0.0000000120',
  bid: '0.0000000119',
  ask: '0.0000000121',
  change24h: '-0.0000000014',
};
const large = { symbol: 'BTC-IDR', last: '1602429000', bid: '1602428000', ask: '1602430000', change24h: '-180273262' };
const usual = { symbol: 'BTC-USD', last: '61838.66', bid: '61838.65', ask: '61838.67' };
const others = Array.from({ length: 4 }, (_, i) => ({
  symbol: `COIN${i}-USD`,
  last: '1.5',
  bid: '1.4999',
  ask: '1.5001',
}));

/** Cells of prices, changes and names whose text is wider than they are. */
const cutCells = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const cells = document.querySelectorAll<HTMLElement>(
      '.rows .row:not([hidden]) :is(.cell:is(.last, .change, .move, .volume, .spread, .age), .symbol-name, .symbol-venue)',
    );
    return [...cells]
      .filter(({ offsetParent, scrollWidth, clientWidth }) => offsetParent !== null && scrollWidth > clientWidth + 1)
      .filter((cell) => getComputedStyle(cell).display !== 'inline')
      .map((cell) => `${cell.className}: ${cell.textContent} (${cell.scrollWidth}>${cell.clientWidth})`);
  });

describe('small and large prices', () => {
  let browser: Browser;
  let gateway: MemoryGateway;
  let publishing: NodeJS.Timeout | undefined;

  const publishAll = (): void => {
    const header = {
      type: 'price.ticker',
      ts: Date.now(),
      rts: Date.now(),
      changePct24h: '-12.345',
      quoteVolume24h: '123456789012',
      ageMs: 0,
    };
    for (const venue of ['kraken', 'coinbase'])
      for (const ticker of [tiny, large, usual, ...others])
        void gateway.publish(`ticker.${venue}.${ticker.symbol}`, { ...header, venue, ...ticker });
  };

  beforeAll(async () => {
    [browser, gateway] = await Promise.all([startBrowser(), startMemoryGateway({ symbols: [] })]);
    const listed = ['kraken', 'coinbase'].flatMap((venue) =>
      [tiny, large, usual, ...others].map(({ symbol }) => ({ venue, symbol })),
    );
    await gateway.publish('catalog', { type: 'feed.catalog', symbols: listed });
    publishing = setInterval(publishAll, 200);
  });

  afterAll(async () => {
    clearInterval(publishing);
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  it('[D60] no digit is cut from 320 to 2560 px, and markets of one name say their venue', async () => {
    const { page } = await openPage(browser, gateway.url);
    const rows = page.locator('.rows .row:not([hidden])');
    for (const width of [320, 360, 390, 768, 1_160, 1_300, 1_440, 1_600, 1_920, 2_560]) {
      await page.setViewportSize({ width, height: 1_000 });
      await waitForText(page, '.rows .row:not([hidden]) [data-field=last]', /\d/);
      await waitFor('both prices', async () => {
        const texts = await rows.locator('.last').allTextContents();
        return ['0.000000012', '1,602,429,000'].every((price) => texts.some((text) => text.startsWith(price)));
      });
      // A phone at 400 %: names may end in an ellipsis there.
      const cut = async (): Promise<string[]> =>
        (await cutCells(page)).filter((cell) => width > 320 || !cell.startsWith('symbol-name'));
      await waitFor(`whole prices at ${width} px`, async () => (await cut()).length === 0).catch(() => {});
      expect([width, await cut()]).toEqual([width, []]);
      const venues = await rows.filter({ hasText: 'PEPE-USD' }).locator('.symbol-venue').allTextContents();
      expect(venues.sort()).toEqual(['coinbase', 'kraken']);
    }
    await page.close();
  });
});
