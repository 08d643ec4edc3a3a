import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';

const artefacts = fileURLToPath(new URL('../../artefacts/dashboard/', import.meta.url));
const readmePicture = fileURLToPath(new URL('../../docs/images/page.png', import.meta.url));
const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD', 'DOGE-USD', 'ADA-USD'];
const sizes = [
  { width: 360, height: 780 },
  { width: 768, height: 1_024 },
  { width: 1_440, height: 900 },
];

/** What a visitor should find without waiting: prices in all rows, candles, and a forecast. */
const settled = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => document.fonts.status === 'loaded');
  await waitFor('the past of the chart', async () =>
    / [1-9]\d\d candles/.test(` ${await page.locator('#chart-summary').textContent()}`),
  );
  await waitFor('a forecast', async () => (await page.locator('.range').textContent()) !== '');
  await waitFor('earlier forecasts', async () => /[1-9]/.test((await page.locator('#chart-key').textContent()) ?? ''));
  await waitFor('small lines', () => page.locator('#grid .spark').first().isVisible());
};

describe('the pictures of the page', () => {
  let browser: Browser;
  let market: PastMarket;

  beforeAll(async () => {
    await mkdir(artefacts, { recursive: true });
    [browser, market] = await Promise.all([
      startBrowser(),
      startPastMarket({ symbols, pastSeconds: 900, tradesPerSecond: 12 }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await market?.[Symbol.asyncDispose]();
  });

  it.each(sizes.flatMap((size) => (['light', 'dark'] as const).map((theme) => ({ ...size, theme }))))(
    '[D20] $width px wide, $theme: nothing sticks out, and a picture is kept',
    async ({ width, height, theme }) => {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme, locale: 'en-GB' });
      await page.goto(`${market.url}/#/sim/BTC-USD?interval=1s`);
      await settled(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      const file = `${artefacts}page-${width}-${theme}.png`;
      await page.screenshot({ path: file });
      if (width < 1_000) await page.screenshot({ path: file.replace('.png', '-full.png'), fullPage: true });
      if (width === 1_440 && theme === 'dark' && process.env['UPDATE_PICTURES'] === '1')
        await copyFile(file, readmePicture);
      await page.close();
    },
  );
});
