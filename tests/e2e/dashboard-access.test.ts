import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { isNightly } from '../support/depth.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { openPage, waitForMarket, waitForText } from './dashboard-page.js';
import { violations } from './violations.js';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(() => browser?.close());

describe('the page for everybody', () => {
  let market: PastMarket;
  let axe: string;

  beforeAll(async () => {
    axe = await readFile(axeFile, 'utf8');
    const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD'];
    market = await startPastMarket({ symbols, pastSeconds: 150, tradesPerSecond: 10 });
  });

  afterAll(async () => {
    await market?.[Symbol.asyncDispose]();
  });

  const themes = isNightly ? (['light', 'dark'] as const) : (['dark'] as const);
  type Look = readonly [width: number, theme: 'light' | 'dark'];
  /** At night each look has a page of its own; by day one page is dressed anew. */
  const pages: readonly (readonly Look[])[] = isNightly
    ? [360, 768, 1_440].flatMap((width) => themes.map((theme) => [[width, theme]] as const))
    : [
        [
          [360, 'dark'],
          [768, 'light'],
          [1_440, 'dark'],
        ],
      ];

  /** Tabs of a phone, by arrow; the last one leads to the first. */
  const turnTabs = async (page: Page): Promise<void> => {
    await page.locator('#tab-markets').focus();
    for (const tab of ['day', 'trades', 'forecast']) {
      await page.keyboard.press('ArrowLeft');
      expect(await page.locator(`#panel-${tab}`).isVisible()).toBe(true);
      expect(await page.locator('#panel-markets').isVisible()).toBe(false);
      expect(await violations(page, axe)).toEqual([]);
    }
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('#panel-markets').isVisible()).toBe(true);
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#panel-forecast').isVisible()).toBe(true);
  };

  const expectCalm = async (page: Page): Promise<void> => {
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { animationName, transitionDuration } = getComputedStyle(element);
          return animationName !== 'none' || Number.parseFloat(transitionDuration) > 0;
        }).length,
    );
    expect(moving).toBe(0);
    await page.evaluate(() => {
      const region = document.getElementById('announcer');
      const spoken: string[] = [];
      Object.assign(window, { spoken });
      if (region)
        new MutationObserver(() => spoken.push(region.textContent ?? '')).observe(region, { childList: true });
    });
    const before = await page.locator('[data-field=conflated]').textContent();
    await waitFor('many ticks', async () => {
      const now = await page.locator('[data-field=conflated]').textContent();
      return Number(now?.replace(/\D/g, '')) > Number(before?.replace(/\D/g, '')) + 40;
    });
    // On a machine that is held up, "stale" and "live" of a symbol may be announced; ticks may not.
    const spoken = (await page.evaluate('spoken')) as readonly string[];
    expect(spoken.filter((text) => !/^BTC-USD: (live|stale)/.test(text))).toEqual([]);
    expect(spoken.length).toBeLessThan(5);
  };

  it.each(pages.map((looks) => [looks.map((look) => look.join(' px, ')).join('; '), looks] as const))(
    '[D20] [D26] [D27] nothing sticks out, axe-core finds nothing, tabs move by arrow, and who asked for calm has it: %s',
    async (_, looks) => {
      const { page } = await openPage(browser, `${market.url}/#/sim/BTC-USD?interval=1s`, {
        viewport: { width: looks[0]?.[0] ?? 0, height: 900 },
        colorScheme: looks[0]?.[1] ?? null,
        // A colour that is on its way is no colour to judge.
        reducedMotion: 'reduce',
        bypassCSP: true,
      });
      await waitForMarket(page, 100);
      for (const [width, colorScheme] of looks) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await waitForText(page, '.range', /\d/);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        expect(await violations(page, axe)).toEqual([]);
        if (width < 720) await turnTabs(page);
      }
      await expectCalm(page);
      await page.close();
    },
  );

  it.each(themes)('[D27] axe-core finds nothing in stale, empty and refused states, %s', async (theme) => {
    const { page } = await openPage(browser, `${market.url}/#/sim/NOPE-USD?interval=1s`, {
      colorScheme: theme,
      reducedMotion: 'reduce',
      bypassCSP: true,
    });
    await waitForText(page, '#chart-cover', /There is no NOPE-USD/);
    await page.getByLabel('Filter markets').fill('zzz');
    await waitForText(page, '.markets .empty', /No market matches/);
    expect(await violations(page, axe)).toEqual([]);
    await page.getByLabel('Filter markets').fill('');
    await page.getByText('SOL-USD').click();
    await waitForMarket(page, 100);
    market.setState('SOL-USD', 'stale');
    market.setState('XRP-USD', 'down');
    await waitFor(
      'stale and down',
      async () => (await page.locator('.row:is([data-state=stale], [data-state=down])').count()) === 2,
    );
    await page.getByRole('button', { name: 'Table of candles' }).click();
    await waitForText(page, '.candles', /Open/);
    expect(await violations(page, axe)).toEqual([]);
    await page.click('#alerts-open');
    await page.click('#alert-add');
    await waitForText(page, '#alert-list', /at or above/);
    expect(await violations(page, axe)).toEqual([]);
    market.setState('SOL-USD', 'live');
    market.setState('XRP-USD', 'live');
    await page.close();
  });

  it('[D26] everything by keyboard alone', async () => {
    const { page } = await openPage(browser, `${market.url}/#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page, 100);
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement;
        return element?.id || element?.getAttribute('aria-label') || element?.textContent || '';
      });
    /** Presses Tab until there; everything on the way is a stop somebody meets. */
    const tabTo = async (name: string): Promise<void> => {
      for (let stops = 0; stops < 40; stops += 1) {
        if ((await focused()) === name) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no stop called ${name}, the last is ${await focused()}`);
    };

    await tabTo('skip');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('chart');
    await page.keyboard.press('ArrowLeft');
    const read = await waitForText(page, '#announcer', /open .* close .* volume/);
    await page.keyboard.press('ArrowLeft');
    await waitFor('the candle before', async () => (await page.locator('#announcer').textContent()) !== read);
    for (const key of ['+', '-', 'PageUp', 'PageDown', 'Home', 'End', 'Escape']) await page.keyboard.press(key);
    expect(await focused()).toBe('chart');

    await tabTo('filter');
    await page.keyboard.type('eth');
    await page.keyboard.press('Enter');
    await waitForText(page, '#instrument-name', /ETH-USD/);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await tabTo('Market');
    await page.keyboard.press('Enter');
    await page.locator('#filter').focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('grid');
    await page.keyboard.press('End');
    await page.keyboard.press('f');
    await waitForText(page, '.row:has([aria-pressed=true]) .symbol-name', /XRP-USD/);
    await page.keyboard.press('f');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await waitForText(page, '#instrument-name', /XRP-USD/);
    const active = await page.locator('#grid').getAttribute('aria-activedescendant');
    expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await waitForText(page, '#instrument-name', /BTC-USD/);

    await page.keyboard.press('Shift+Tab');
    await tabTo('trades-pause');
    await page.keyboard.press('Enter');
    await waitForText(page, '#trades-note', /paused, [1-9]\d* new/);
    await page.keyboard.press('Enter');
    await waitForText(page, '#trades-note', /^$/);

    await page.locator('#skip').focus();
    await tabTo('Dark');
    await page.keyboard.press('Enter');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await tabTo('1 min candles');
    await page.keyboard.press('Enter');
    await waitForText(page, '#chart-summary', /candles of 1m/);
    await tabTo('5 min forecast');
    await page.keyboard.press('Enter');
    await waitForText(page, '.horizons [data-chosen=true] th', /5 min/);
    await page.close();
  });
});

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
    gateway = await startMemoryGateway({ symbols: [] });
    const listed = ['kraken', 'coinbase'].flatMap((venue) =>
      [tiny, large, usual, ...others].map(({ symbol }) => ({ venue, symbol })),
    );
    await gateway.publish('catalog', { type: 'feed.catalog', symbols: listed });
    publishing = setInterval(publishAll, 200);
  });

  afterAll(async () => {
    clearInterval(publishing);
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
