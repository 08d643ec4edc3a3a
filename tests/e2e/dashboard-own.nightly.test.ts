import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { openPage, waitForText } from './dashboard-page.js';

const apiKey = 'a key that publishes';

describe('prices of channels of your own on the page', () => {
  let browser: Browser;
  let gateway: MemoryGateway;

  const publish = async (channel: string, data: object): Promise<void> => {
    const response = await fetch(`${gateway.url}/api/publish`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ channel, data }),
    });
    expect([response.status, await response.text()]).toEqual([200, expect.not.stringContaining('error')]);
  };

  beforeAll(async () => {
    const env = { CHANNELS: 'ticker.mine.*,trade.mine.*', API_KEY: apiKey };
    [browser, gateway] = await Promise.all([startBrowser(), startMemoryGateway({ env, symbols: [] })]);
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  it('[D105] trades that begin beside tickers while the page is open are in the tape, the chart and the tile', async () => {
    await publish('ticker.mine.ABC-USD', { last: '10' });
    await publish('ticker.mine.XYZ-USD', { last: '20' });
    const { page } = await openPage(browser, `${gateway.url}/#/mine/ABC-USD?interval=1m&beside=mine/XYZ-USD`);
    await waitForText(page, '#quote-price', /^10/);
    await waitForText(page, '.tile', /20/);
    await publish('trade.mine.ABC-USD', { price: '11', size: '2', side: 'buy' });
    await publish('trade.mine.XYZ-USD', { price: '21', size: '3', side: 'sell' });
    // What is listed is asked for once a minute, and after a reconnect.
    await page.context().setOffline(true);
    await waitForText(page, '#link-text', /^Offline$/);
    await page.context().setOffline(false);
    await waitForText(page, '#tape', /11/);
    await waitForText(page, '.tile', /21/);
    await page.close();
  });

  it.each(['0.12345678901234567', '0.123456789012345678'])(
    '[D93] a price of more decimals than a number has is shown in full, and drawn: %s',
    async (price) => {
      const symbol = `D${price.length}-USD`;
      await publish(`trade.mine.${symbol}`, { price, size: '1', side: 'buy' });
      const { page, troubles } = await openPage(browser, `${gateway.url}/#/mine/${symbol}?interval=1m`);
      await waitForText(page, '#quote-price', new RegExp(`^${price}$`));
      await waitForText(page, '#chart-summary', /candles/);
      expect(troubles).toEqual([]);
      await page.close();
    },
  );
});
