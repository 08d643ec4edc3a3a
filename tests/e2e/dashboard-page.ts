import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { waitFor } from '../support/wait-for.js';

/** A page with everything that went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, refused requests, broken rules of the Content-Security-Policy. */
  readonly troubles: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
}

/** `before` is done to the empty page. */
export const openPage = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  before: (page: Page) => Promise<unknown> = async () => {},
): Promise<WatchedPage> => {
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 }, locale: 'en-GB', ...options });
  const troubles: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  await before(page);
  await page.goto(url);
  return { page, troubles, requests };
};

/** Resolves once the element's text matches. */
export const waitForText = (page: Page, selector: string, pattern: RegExp, deadlineMs?: number): Promise<string> =>
  waitFor(
    `${selector} to say ${pattern}`,
    async () => {
      const text = await page.locator(selector).first().textContent();
      return text !== null && pattern.test(text) && { text };
    },
    deadlineMs,
  ).then(({ text }) => text);

/** Everything there that a visitor should see at first sight. */
export const waitForMarket = async (page: Page, candles = 1): Promise<void> => {
  await waitFor(`${candles} candles`, async () => (await candleCount(page)) >= candles);
  await waitForText(page, '.rows .row:not([hidden]) [data-field=last]', /\d/);
};

export const candleCount = async (page: Page): Promise<number> =>
  Number(/(\d+) candles/.exec((await page.locator('#chart-summary').textContent()) ?? '')?.[1] ?? 0);

/** What is drawn, by colour: candles going up and down, and the fan to the right of them. */
export interface DrawnPixels {
  readonly up: number;
  readonly down: number;
  readonly fan: number;
}

/** Counts the pixels that are drawn in the colours of the dark theme. */
export const drawnPixels = (page: Page): Promise<DrawnPixels> =>
  page.evaluate(() => {
    const counts = { up: 0, down: 0, fan: 0 };
    const isNear = (value: number, wanted: number): boolean => Math.abs(value - wanted) < 12;
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('#chart canvas')) {
      const { width, height } = canvas;
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      for (let i = 0; i < pixels.length; i += 4) {
        const [r = 0, g = 0, b = 0, alpha = 0] = pixels.subarray(i, i + 4);
        if (isNear(r, 54) && isNear(g, 197) && isNear(b, 147) && alpha > 200) counts.up += 1;
        if (isNear(r, 244) && isNear(g, 114) && isNear(b, 126) && alpha > 200) counts.down += 1;
        const isRight = (i / 4) % width > width * 0.65;
        if (isRight && alpha > 8 && b > r + 40 && b > g + 40) counts.fan += 1;
      }
    }
    return counts;
  });
