import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DrivenPage, startFirefox } from '../support/firefox.js';
import { waitFor } from '../support/wait-for.js';
import { startWebkit } from '../support/webkit.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';

const artefacts = fileURLToPath(new URL('../../artefacts/dashboard/', import.meta.url));

/** Text of the first element. */
const textOf = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`;

/** How many points of the chart have the colours of candles and of the fan; of the dark theme. */
const drawn = `(() => {
  const counts = { candles: 0, fan: 0 };
  for (const canvas of document.querySelectorAll('#chart canvas')) {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b, alpha] = data.subarray(i, i + 4);
      if (alpha > 200 && (Math.abs(g - 197) < 12 || Math.abs(r - 244) < 12)) counts.candles += 1;
      if (alpha > 8 && b > r + 40 && b > g + 40) counts.fan += 1;
    }
  }
  return counts;
})()`;

describe.each([
  { name: 'Firefox', start: startFirefox },
  { name: 'WebKitGTK', start: startWebkit },
])('the page in $name', ({ name, start }) => {
  let browser: DrivenPage;
  let market: PastMarket;

  beforeAll(async () => {
    await mkdir(artefacts, { recursive: true });
    [browser, market] = await Promise.all([
      start(),
      startPastMarket({ symbols: ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD'], pastSeconds: 420, tradesPerSecond: 10 }),
    ]);
  }, 120_000);

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await market?.[Symbol.asyncDispose]();
  });

  const waitForText = (selector: string, pattern: RegExp): Promise<unknown> =>
    waitFor(`${selector} to say ${pattern}`, async () =>
      pattern.test(await browser.evaluate<string>(textOf(selector))),
    );

  it('[D21] [D22] shows prices that move, a chart with a past and a fan, at every width', async () => {
    process.stdout.write(`${name} ${browser.version}\n`);
    await browser.resize(1_440, 900);
    await browser.open(`${market.url}/#/sim/BTC-USD?interval=1s`);
    await browser.evaluate(
      `[...document.querySelectorAll('#theme button')].find(({ textContent }) => textContent === 'Dark').click()`,
    );
    await waitForText('#chart-summary', /\d{3} candles of 1s, none missing/);
    await waitForText('.range', /\d to \d/);
    const prices = new Set<string>();
    await waitFor('five prices', async () => prices.add(await browser.evaluate(textOf('#quote-price'))).size >= 5);
    const { candles, fan } = await browser.evaluate<{ readonly candles: number; readonly fan: number }>(drawn);
    expect([candles > 100, fan > 2_000, candles, fan]).toEqual([true, true, candles, fan]);
    for (const [width, height] of [
      [1_440, 900],
      [768, 1_024],
      [500, 860],
    ] as const) {
      await browser.resize(width, height);
      await waitFor(`nothing wider than ${width}`, async () =>
        browser.evaluate(`innerWidth <= ${width} && document.documentElement.scrollWidth <= innerWidth`),
      );
      await writeFile(`${artefacts}${name}-${width}.png`, await browser.screenshot());
    }
    expect(browser.troubles).toEqual([]);
  });

  it('[D70] [D76] [D81] has its drawers, alerts and charts side by side', async () => {
    await browser.resize(1_440, 900);
    await browser.evaluate(`document.querySelector('#alerts-open').click()`);
    await waitFor('the drawer', () => browser.evaluate(`document.querySelector('#alerts').matches(':popover-open')`));
    await browser.evaluate(`document.querySelector('#alert-add').click()`);
    await waitForText('#alert-list', /at or above/);
    await writeFile(`${artefacts}${name}-alerts.png`, await browser.screenshot());
    await browser.evaluate(`document.querySelector('#alerts').hidePopover()`);
    await browser.evaluate(`document.querySelector('[title="4 charts"]').click()`);
    await waitFor('four charts', () => browser.evaluate(`document.querySelectorAll('.tile canvas').length >= 3`));
    await waitFor('their prices', () =>
      browser.evaluate(
        `[...document.querySelectorAll('.tile-price')].every(({ textContent }) => /\\d/.test(textContent))`,
      ),
    );
    await writeFile(`${artefacts}${name}-charts.png`, await browser.screenshot());
    expect(browser.troubles).toEqual([]);
  });
});
