import { get, type OutgoingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { isNightly } from '../support/depth.js';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { patientMs, waitFor } from '../support/wait-for.js';
import { type PastMarket, startPastMarket } from './dashboard-market.js';
import { candleCount, drawnPixels, openPage, waitForMarket, waitForText } from './dashboard-page.js';

const maxFirstLoadBytes = 200_000;
/** With the processor to itself; where others want it too, the page waits its turn. */
const maxInteractiveMs = 1_000;
/** By day the first visit that is quick enough is the last. */
const visits = isNightly ? 5 : 3;

/** What is sent, not unpacked: `fetch` takes what it likes and asks caches to stay away. */
const download = (
  url: string,
  headers: OutgoingHttpHeaders,
): Promise<{ readonly status: number; readonly bytes: number }> =>
  new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
    }).on('error', reject);
  });

/** Notes whatever moves on the page by itself. */
const watchShifts = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const shifts = { sum: 0, sources: [] as string[] };
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        sources: { node: Element | null }[];
      })[]) {
        shifts.sum += entry.value;
        for (const { node } of entry.sources) shifts.sources.push(`${node?.id} ${node?.className}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });

const expectNoShifts = async (page: Page): Promise<void> => {
  const shifts = (await page.evaluate('shifts')) as { readonly sum: number; readonly sources: readonly string[] };
  expect([shifts.sum < 0.05, shifts]).toEqual([true, shifts]);
};

const inNewYork = { locale: 'en-US', timezoneId: 'America/New_York' } as const;

describe('the page at first sight', () => {
  let browser: Browser;
  let market: PastMarket;

  beforeAll(async () => {
    [browser, market] = await Promise.all([
      startBrowser(),
      startPastMarket({ symbols: ['BTC-USD', 'ETH-USD', 'SOL-USD'], pastSeconds: 390, tradesPerSecond: 10 }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await market?.[Symbol.asyncDispose]();
  });

  it('[D21] [D80] [E3] is small, quick, does not jump, asks nobody else and keeps to its policy, and prices of all move', async () => {
    const times: number[] = [];
    let assets: readonly string[] = [];
    const isQuick = (): boolean => Math.min(...times) < patientMs(maxInteractiveMs);
    for (let visit = 0; visit < visits && (isNightly || !isQuick()); visit += 1) {
      const { page, troubles, requests } = await openPage(
        browser,
        `${market.url}/#/sim/BTC-USD?interval=1s`,
        inNewYork,
        watchShifts,
      );
      const shownAt = await page.waitForFunction(() => {
        const hasPrice = document.getElementById('quote-price')?.textContent !== '';
        const hasRows = document.querySelectorAll('.row[data-state=live]').length === 3;
        return hasPrice && hasRows ? performance.now() : undefined;
      });
      times.push(Number(await shownAt.jsonValue()));
      await waitForMarket(page, 5);
      await waitForText(page, '.range', /\d/);
      await expectNoShifts(page);
      const lasts = () => page.locator('.rows .row:not([hidden]) [data-field=last]').allTextContents();
      const first = await lasts();
      await waitFor('three prices that move', async () => {
        const now = await lasts();
        return now.length === 3 && now.every((last, at) => last !== first[at]);
      });
      expect(troubles).toEqual([]);
      expect([...new Set(requests.map((url) => new URL(url).host))]).toEqual([new URL(market.url).host]);
      assets = requests.filter((url) => url.startsWith('http') && !url.includes('/api/'));
      await page.close();
    }
    const sent = await Promise.all(assets.map((url) => download(url, { 'Accept-Encoding': 'gzip' })));
    const bytes = sent.reduce((sum, each) => sum + each.bytes, 0);
    process.stdout.write(`first load: ${bytes} bytes gzipped; prices after ${times.map(Math.round).join(', ')} ms\n`);
    expect(bytes).toBeLessThan(maxFirstLoadBytes);
    expect(isQuick()).toBe(true);
  });

  it('[D21] the policy allows no inline script, and assets are good for ever', async () => {
    const page = await fetch(market.url);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|data:|\*/);
    expect(policy).toContain("manifest-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script>|<style|style="|onload=/);
    const [script = ''] = /\/assets\/[\w.-]+\.js/.exec(html) ?? [];
    const asset = await fetch(market.url + script);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await download(market.url, {
      'If-None-Match': page.headers.get('etag') ?? '',
      'Accept-Encoding': page.headers.get('content-encoding') ?? 'identity',
    });
    expect(again).toEqual({ status: 304, bytes: 0 });
  });

  it.each([
    ...(isNightly ? [[360, 780, 0] as const, [1_440, 900, 0] as const] : []),
    // Over a slow line the page is painted before it knows anything.
    [412, 820, 150],
  ])(
    '[D80] at %d px nothing jumps while the page comes up, and fingers find what they press',
    async (width, height, latency) => {
      const line = { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 };
      const { page } = await openPage(
        browser,
        `${market.url}/#/sim/BTC-USD?interval=1s`,
        { viewport: { width, height }, ...inNewYork },
        async (empty) => {
          await watchShifts(empty);
          await (await empty.context().newCDPSession(empty)).send('Network.emulateNetworkConditions', line);
        },
      );
      await waitForMarket(page, 5);
      await waitForText(page, '.range', /\d/);
      await expectNoShifts(page);
      await waitForText(page, '.tape-time', /^\d\d:\d\d:\d\d [AP]M$/u);
      await waitForText(page, '.legend-time', /[AP]M/);
      if (width < 720) {
        const small = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>('button, input, select, summary')]
            .filter((element) => element.offsetParent !== null && element.closest('.header') === null)
            .map((element) => ({ name: element.outerHTML.slice(0, 80), box: element.getBoundingClientRect() }))
            .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
            .map(({ name, box }) => `${Math.round(box.width)}x${Math.round(box.height)} ${name}`),
        );
        expect(small).toEqual([]);
      }
      await page.close();
    },
  );

  it('[D77] icons, manifest and the picture for links are served beside the page, with their types', async () => {
    const html = await (await fetch(market.url)).text();
    const named = [...html.matchAll(/(?:href|content)="([^"#]+\.(?:ico|svg|png|webmanifest))"/g)].map(
      ([, to = '']) => to,
    );
    const beside = ['favicon.ico', 'favicon.svg', 'manifest.webmanifest', 'touch-icon.png'].map((name) => `./${name}`);
    expect(named.sort()).toEqual([...beside, `${market.url}/preview.png`]);
    const manifest = (await (await fetch(`${market.url}/manifest.webmanifest`)).json()) as {
      readonly start_url: string;
      readonly icons: readonly { readonly src: string; readonly type: string }[];
    };
    // Below a path of a proxy as well.
    expect([manifest.start_url, manifest.icons.filter(({ src }) => src.startsWith('/'))]).toEqual(['.', []]);
    const typeOf = async (name: string): Promise<string | null> => {
      const { status, headers } = await fetch(`${market.url}/${name}`);
      return status === 200 ? headers.get('content-type') : `${status}`;
    };
    expect(await typeOf('favicon.ico')).toMatch(/^image\/(x-icon|vnd\.microsoft\.icon)$/);
    expect(await typeOf('manifest.webmanifest')).toMatch(/^application\/manifest\+json/);
    for (const name of ['touch-icon.png', 'preview.png']) expect(await typeOf(name)).toBe('image/png');
    for (const { src, type } of manifest.icons) expect([src, await typeOf(src)]).toEqual([src, type]);
  });

  it('[D22] [D75] [D76] the chart has a past, the fan and earlier fans, and moves; the forecast explains itself, and the connection is one click away', async () => {
    const { page, troubles } = await openPage(browser, `${market.url}/#/sim/BTC-USD?interval=1s`, {
      colorScheme: 'dark',
    });
    await waitForMarket(page, 300);
    await waitForText(page, '#chart-summary', /none missing/);
    await waitForText(page, '#chart-key', /[1-9]\d* held/);
    await waitForText(page, '.range', /^[\d,.]+ to [\d,.]+$/);
    expect(await page.locator('.key-warming').isVisible()).toBe(true);
    const pixels = await drawnPixels(page);
    expect(pixels.up).toBeGreaterThan(50);
    expect(pixels.down).toBeGreaterThan(50);
    expect(pixels.fan).toBeGreaterThan(2_000);
    const prices = new Set<string>();
    await waitFor(
      'five prices',
      async () => prices.add((await page.locator('#quote-price').textContent()) ?? '').size >= 5,
    );

    await waitFor('ends that are the interval', async () => {
      const [range, from, to] = await page.evaluate(() =>
        ['.range', '.ladder-low', '.ladder-high'].map((part) => document.querySelector(part)?.textContent ?? ''),
      );
      return range === `${from} to ${to}`;
    });
    expect(await page.locator('.rung-90').evaluate(({ style }) => [style.left, style.width])).toEqual(['0%', '100%']);
    await page.getByText('What these figures mean').click();
    await waitForText(page, '.explanation', /Held is the share of past intervals that did/);
    const link = await page.getByRole('link', { name: 'How they are made and checked' }).getAttribute('href');
    const explained = await fetch(`${market.url}/${link}`);
    expect([explained.status, explained.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(await explained.text()).toMatch(/90 %/);

    for (const field of ['bid', 'ask', 'day-low', 'day-high', 'day-volume', 'day-spread']) {
      await waitForText(page, `[data-field=${field}]`, /\d/);
    }
    expect(await page.locator('#connection').isVisible()).toBe(false);
    await page.click('#link-state');
    await waitForText(page, '[data-field=round-trip]', /\d/);
    expect(await page.locator('#connection').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#connection').isVisible()).toBe(false);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('[D22] the crosshair reads candles, zoom and horizon change what is drawn', async () => {
    const { page } = await openPage(browser, `${market.url}/#/sim/ETH-USD?interval=1s`, { colorScheme: 'dark' });
    await waitForMarket(page, 300);
    await waitForText(page, '.lead', /60 s ahead/);
    const box = await page.locator('#chart').boundingBox();
    if (box === null) throw new TypeError('no chart');
    const newest = (await page.locator('.legend-time').textContent()) ?? '';
    const timeAt = async (share: number, differsFrom: string): Promise<string> => {
      await page.mouse.move(box.x + box.width * share, box.y + box.height * 0.5);
      await waitForText(page, '#legend', /O [\d,.]+H [\d,.]+L [\d,.]+C [\d,.]+V [\d,.]+/);
      return waitFor('another candle', async () => {
        const time = (await page.locator('.legend-time').textContent()) ?? '';
        return time < differsFrom && time;
      });
    };
    const near = await timeAt(0.35, newest);
    const far = await timeAt(0.1, near);
    for (let click = 0; click < 4; click += 1) await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.5);
    await waitFor('a younger candle in the same place', async () => {
      const time = (await page.locator('.legend-time').textContent()) ?? '';
      return time > far && time < newest;
    });

    await page.getByRole('button', { name: '10 s forecast' }).click();
    await waitForText(page, '.lead', /10 s ahead/);
    await page.getByRole('button', { name: '1 min candles' }).click();
    await waitForText(page, '#chart-summary', /candles of 1m, none missing/);
    expect(page.url()).toContain('#/sim/ETH-USD?interval=1m');
    await page.close();
  });

  it('[D82] older candles are read over REST while scrolling back; where they cannot be, the chart says so', async () => {
    const page = await browser.newPage({ viewport: { width: 1_440, height: 900 }, locale: 'en-GB' });
    const sizes: number[] = [];
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => sizes.push(gzipSync(payload).byteLength)),
    );
    let isBusy = false;
    await page.route(/\/api\/history/, async (route) => {
      if (isBusy) return route.fulfill({ status: 503 });
      const answer = await route.fetch();
      sizes.push((await answer.body()).byteLength);
      return route.fulfill({ response: answer });
    });
    await page.goto(`${market.url}/#/sim/BTC-USD?interval=1s`);
    await waitForMarket(page, 300);
    isBusy = true;
    await page.locator('#chart').focus();
    await page.keyboard.press('Home');
    await waitForText(page, '.past-note [role=status]', /^Older candles could not be read\.$/);
    const shown = await candleCount(page);
    isBusy = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitFor('older candles', async () => (await candleCount(page)) > shown + 50);
    await waitForText(page, '#chart-summary', /none missing/);
    expect(await page.locator('.past-note').isVisible()).toBe(false);
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    // A read may be under way.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.close();
  });

  it('[D29] [D73] choices survive a reload, and Back leads to the market before', async () => {
    const { page } = await openPage(browser, market.url);
    await waitForMarket(page);
    await page.getByText('SOL-USD').click();
    await waitForText(page, '#instrument-name', /SOL-USD/);
    await page.getByText('ETH-USD').click();
    await waitForText(page, '#instrument-name', /ETH-USD/);
    await page.goBack();
    await waitForText(page, '#instrument-name', /SOL-USD/);
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.locator('[role=columnheader].change button').click();
    const isFavouriteFirst = async (): Promise<boolean> =>
      (await page.locator('.rows .row').first().textContent())?.includes('★ETH-USD') === true;
    // Not at a place on the screen: the rows change theirs while the pointer moves.
    await page.getByRole('button', { name: 'Favourite: ETH-USD' }).dispatchEvent('click');
    await waitFor('the favourite on top', isFavouriteFirst);
    await page.goto('about:blank');
    await page.goto(market.url);
    await waitForText(page, '#instrument-name', /SOL-USD/);
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await waitFor(
      'the order',
      async () => (await page.locator('[role=columnheader].change').getAttribute('aria-sort')) === 'descending',
    );
    await waitFor('the favourite on top after the reload', isFavouriteFirst);
    await page.close();
  });

  it('[E2] the page of the blog post shows a price that moves, unchanged', async () => {
    const { page, troubles } = await openPage(browser, `${market.url}/examples/plain.html`);
    const price = page.locator('#price');
    const seen = new Set<string>();
    await waitFor('three prices', async () => {
      const text = (await price.textContent()) ?? '';
      if (Number(text) > 0) seen.add(text);
      return seen.size >= 3;
    });
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('[GL40] the page below a path of a proxy asks for nothing outside it, and shows prices', async () => {
    await using proxy = await startPrefixProxy(market.port, '/right/prices/');
    const { page, requests } = await openPage(browser, `${proxy.url}?from=test#/`);
    await waitForMarket(page);
    const isSocket = (url: string): boolean => url.startsWith('ws:');
    await waitFor('its socket', () => requests.some(isSocket));
    const paths = requests.map((url) => new URL(url).pathname);
    expect(new Set(requests.filter(isSocket).map((url) => new URL(url).pathname))).toEqual(
      new Set(['/right/prices/connection/websocket']),
    );
    expect(paths.filter((path) => !path.startsWith('/right/prices/'))).toEqual([]);
    await page.close();
  });
});
