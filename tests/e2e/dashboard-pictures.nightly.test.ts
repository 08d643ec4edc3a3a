import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { barIntervals } from '@tickwire/protocol';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { waitForText } from './dashboard-page.js';

const artefacts = fileURLToPath(new URL('../../artefacts/dashboard/', import.meta.url));
const readmePicture = fileURLToPath(new URL('../../docs/images/page.png', import.meta.url));
const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD', 'DOGE-USD', 'ADA-USD'];
const sizes = [
  { width: 360, height: 780 },
  { width: 768, height: 1_024 },
  { width: 1_440, height: 900 },
  { width: 2_560, height: 1_440 },
];
const looks = sizes.flatMap((size) => (['light', 'dark'] as const).map((theme) => ({ ...size, theme })));

type Look = (typeof looks)[number];

const openLook = async (browser: Browser, url: string, { width, height, theme }: Look): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme, locale: 'en-GB' });
  await page.goto(url);
  await page.waitForFunction(() => document.fonts.status === 'loaded');
  return page;
};

/** Keeps a picture of a state in which nothing may stick out. */
const keep = async (page: Page, state: string, { width, theme }: Look): Promise<string> => {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect([state, width, Math.max(0, overflow)]).toEqual([state, width, 0]);
  const file = `${artefacts}${state}-${width}-${theme}.png`;
  await page.screenshot({ path: file, fullPage: width < 1_000 });
  return file;
};

const waitForCandles = (page: Page, interval: string): Promise<unknown> =>
  waitForText(page, '#chart-summary', new RegExp(`[1-9]\\d* candles of ${interval},`));

describe('pictures of the page', () => {
  let browser: Browser;
  let simulated: TickwireProcess;
  let market: PastMarket;
  let gateway: MemoryGateway;
  let publishing: NodeJS.Timeout;

  const prices = [
    { symbol: 'PEPE-USD', last: '0.0000000120', bid: '0.0000000119', ask: '0.0000000121', change24h: '0.0000000004' },
    { symbol: 'BTC-IDR', last: '1602429000', bid: '1602428000', ask: '1602430000', change24h: '-180273262' },
    { symbol: 'BTC-USD', last: '61838.66', bid: '61838.65', ask: '61838.67', change24h: '12.40' },
  ];
  const publishPrices = (): void => {
    const header = { type: 'price.ticker', ts: Date.now(), rts: Date.now(), changePct24h: '-1.2', ageMs: 0 };
    for (const venue of ['coinbase', 'kraken'])
      for (const ticker of prices)
        void gateway.publish(`ticker.${venue}.${ticker.symbol}`, {
          ...header,
          venue,
          quoteVolume24h: '98765432',
          ...ticker,
        });
  };

  beforeAll(async () => {
    await mkdir(artefacts, { recursive: true });
    [browser, simulated, market, gateway] = await Promise.all([
      startBrowser(),
      startTickwire('standalone', { SYMBOLS: symbols.join(), SIM_PAST_MINUTES: '1439' }),
      startPastMarket({ symbols, pastSeconds: 900, tradesPerSecond: 12 }),
      startMemoryGateway({ symbols: [] }),
    ]);
    const listed = ['coinbase', 'kraken'].flatMap((venue) => prices.map(({ symbol }) => ({ venue, symbol })));
    await gateway.publish('catalog', { type: 'feed.catalog', symbols: listed });
    publishing = setInterval(publishPrices, 250);
  });

  afterAll(async () => {
    clearInterval(publishing);
    await browser?.close();
    await simulated?.[Symbol.asyncDispose]();
    await market?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
  });

  it.each(looks)('[D20] seconds with earlier forecasts, and a stale price, at $width px, $theme', async (look) => {
    const page = await openLook(browser, `${market.url}/#/sim/BTC-USD?interval=1s`, look);
    await waitForText(page, '#chart-summary', /[1-9]\d\d candles/);
    await waitForText(page, '.range', /\d/);
    await waitForText(page, '#chart-key', /[1-9]\d* held/);
    await keep(page, 'page', look);
    market.setState('BTC-USD', 'stale', 'no heartbeat');
    await waitForText(page, '#chart-note', /Stale/);
    await keep(page, 'stale', look);
    market.setState('BTC-USD', 'live');
    await page.close();
  });

  it.each(looks)(
    '[D20] [D61] the first second, every interval, alerts and four charts, simulated, at $width px, $theme',
    async (look) => {
      const page = await openLook(browser, `${simulated.url}/`, look);
      await keep(page, 'first', look);
      const origin = page.locator('#origin');
      await waitFor('the label', () => origin.isVisible());
      expect(await origin.evaluate((label) => label.scrollHeight <= label.clientHeight + 1)).toBe(true);
      for (const interval of barIntervals) {
        await page.goto(`${simulated.url}/#/sim/BTC-USD?interval=${interval}`);
        await waitForCandles(page, interval);
        await waitFor('small lines', () => page.locator('#grid').isVisible());
        await waitFor('trades', async () => (await page.locator('.tape-lines li').count()) > 20);
        const file = await keep(page, `interval-${interval}`, look);
        const isForReadme = interval === '1m' && look.width === 1_440 && look.theme === 'dark';
        if (isForReadme && process.env['UPDATE_PICTURES'] === '1') await copyFile(file, readmePicture);
      }
      await page.click('#alerts-open');
      for (const kind of ['above', 'interval', 'stale']) {
        await page.selectOption('#alert-kind', kind);
        await page.click('#alert-add');
      }
      await waitForText(page, '#alert-list', /at or above/);
      await keep(page, 'alerts', look);
      await page.keyboard.press('Escape');
      const beside = symbols.slice(1, 4).map((symbol) => `sim/${symbol}`);
      await page.goto(`${simulated.url}/#/sim/BTC-USD?interval=1m&beside=${beside.join()}`);
      await waitFor('four charts', async () => (await page.locator('.tile').count()) === 3);
      await waitForCandles(page, '1m');
      await keep(page, 'charts', look);
      await page.close();
    },
  );

  it.each(looks)('[D60] small and large prices of two venues at $width px, $theme', async (look) => {
    const page = await openLook(browser, `${gateway.url}/#/kraken/BTC-IDR`, look);
    await waitForText(page, '.rows .row:not([hidden]) [data-field=last]', /\d/);
    await waitForText(page, '#quote-price', /1,602,429,000/);
    await keep(page, 'prices', look);
    await page.close();
  });
});
