import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { waitFor } from '../support/wait-for.js';
import { createCrowd } from './dashboard-crowd.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { openPage, waitForMarket, waitForText } from './dashboard-page.js';
import { measureWork, percentile, usedHeap } from './dashboard-work.js';

const samples = 30;
const tracedMs = 5_000;
const sampleMs = 4_000;
/** Candles, trades and latencies of the chosen symbol, each up to its bound. */
const maxGrowthBytes = 3e6;
const updatesPerSecond = 50;

describe('two hundred symbols at fifty updates a second each', () => {
  let browser: Browser;
  let market: PastMarket;

  beforeAll(async () => {
    [browser, market] = await Promise.all([
      startBrowser(),
      startPastMarket({
        symbols: ['BTC-USD'],
        pastSeconds: 120,
        tradesPerSecond: 10,
        tickerMs: 1_000 / updatesPerSecond,
        crowd: createCrowd(199, updatesPerSecond),
      }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await market?.[Symbol.asyncDispose]();
  });

  it('[D30] long tasks stay under 50 ms, frames in time, memory where it was', async () => {
    const { page, troubles } = await openPage(browser, `${market.url}/#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page, 100);
    await waitForText(page, '#markets-count', /^200$/);
    await page.locator('[role=columnheader].change button').click();
    await waitFor(
      'every symbol at four updates a second, as far as the machine gives them',
      async () => Number.parseFloat((await page.locator('[data-field=rate]').textContent()) ?? '') > 300,
      20_000,
    );
    const work = await measureWork(browser, page, tracedMs);
    const heaps = [await usedHeap(page)];
    while (heaps.length <= samples) {
      await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), sampleMs);
      heaps.push(await usedHeap(page));
    }
    const { frames, seconds, taskCpuMs, taskWallMs, share } = work;
    const p99 = percentile(taskCpuMs, 0.99);
    process.stdout.write(
      `${[
        `200 symbols: ${await page.locator('[data-field=rate]').textContent()} received`,
        `${(frames / seconds).toFixed(1)} frames/s`,
        `tasks over 1 ms: ${taskCpuMs.length}, on the processor 50% ${percentile(taskCpuMs, 0.5).toFixed(1)}, 99% ${p99.toFixed(1)}, most ${percentile(taskCpuMs, 1).toFixed(1)} ms`,
        `by the clock 99% ${percentile(taskWallMs, 0.99).toFixed(1)} ms`,
        `main thread ${(share * 100).toFixed(0)}% of a processor, ${((share * seconds * 1_000) / frames).toFixed(1)} ms a frame`,
        `heap ${heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(' ')} MB`,
      ].join('; ')}\n`,
    );
    expect(p99).toBeLessThan(50);
    expect(frames).toBeGreaterThan(0);
    expect((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)).toBeLessThan(maxGrowthBytes);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
