import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';
import { waitForText } from './dashboard-page.js';

/** Notes in the page what it asks of the browser: tones that were played, notifications that were shown. */
const spy = (): void => {
  const asked = { tones: 0, notifications: [] as string[] };
  Object.assign(window, { asked });
  const Tone = OscillatorNode;
  Object.assign(window, {
    OscillatorNode: class extends Tone {
      constructor(context: BaseAudioContext, options?: OscillatorOptions) {
        super(context, options);
        asked.tones += 1;
      }
    },
  });
  const shown = class extends EventTarget {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    constructor(title: string) {
      super();
      asked.notifications.push(title);
    }
  };
  Object.assign(window, { Notification: shown });
};

interface Asked {
  readonly tones: number;
  readonly notifications: readonly string[];
}

const asked = (page: Page): Promise<Asked> => page.evaluate('asked');
const toasts = (page: Page) => page.locator('.toast');

describe('alerts of the page', () => {
  let browser: Browser;
  let gateway: MemoryGateway;
  const venues = ['sim', 'kraken'] as const;

  const tick = (venue: string, last: string): Promise<number> =>
    gateway.publish(`ticker.${venue}.BTC-USD`, {
      ...{ type: 'price.ticker', venue, symbol: 'BTC-USD', ts: Date.now(), rts: Date.now(), last },
    });
  const trade = (venue: string, price: string, id: string): Promise<number> =>
    gateway.publish(`trade.${venue}.BTC-USD`, {
      ...{ venue, symbol: 'BTC-USD', ts: Date.now(), rts: Date.now(), id, price, size: '1', side: 'buy' },
    });
  /** Until the page has it: of tickers that follow each other closely only the newest is sent. */
  const tickUntil = async (page: Page, venue: string, last: string): Promise<void> => {
    const row = page.locator('.rows .row:not([hidden])').filter({ hasText: venue }).locator('.last');
    await tick(venue, last);
    await waitFor(`${last} on the page`, async () => (await row.textContent())?.replaceAll(',', '') === last);
  };
  const openMarket = async (venue: string, before: () => void = () => {}) => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1_440, height: 900 } });
    await context.addInitScript(spy);
    await context.addInitScript(before);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(`${gateway.url}/#/${venue}/BTC-USD?interval=1s`);
    await waitForText(page, '#link-text', /^Live$/);
    return { page, troubles };
  };
  const addAlert = async (page: Page, kind: string, price?: string): Promise<void> => {
    const before = await page.locator('#alert-list li').count();
    if (!(await page.locator('#alerts').isVisible())) await page.click('#alerts-open');
    await page.selectOption('#alert-kind', kind);
    if (price !== undefined) await page.fill('#alert-price', price);
    await page.click('#alert-add');
    await waitFor('the alert', async () => (await page.locator('#alert-list li').count()) === before + 1);
  };

  beforeAll(async () => {
    [browser, gateway] = await Promise.all([startBrowser(), startMemoryGateway({ symbols: [] })]);
    await gateway.publish('catalog', {
      ...{ type: 'feed.catalog' },
      symbols: venues.map((venue) => ({ venue, symbol: 'BTC-USD', ...(venue === 'sim' && { simulated: true }) })),
    });
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  it.each(venues)(
    '[D70] of %s: a crossing fires once, is shown, heard and notified, and again once armed',
    async (venue) => {
      const { page, troubles } = await openMarket(venue);
      await tickUntil(page, venue, '62000.5');
      await addAlert(page, 'above', '62,100');
      await page.check('#alert-sound');
      await page.check('#alert-notify');
      await waitForText(page, '#alert-list', /at or above 62,100/);
      const tonesBefore = (await asked(page)).tones;
      await tickUntil(page, venue, '62050.5');
      await waitForText(page, '#alert-list', /armed$|armedRemove/);
      await tickUntil(page, venue, '62100.5');
      await waitForText(page, '.toast', /BTC-USD 62,100\.5: at or above 62,100/);
      await waitForText(page, '#alert-list', /fired at/);
      // The title changes once a second at most.
      await waitFor('the title', async () => /^\(1\) |^62/.test(await page.title()));
      for (const price of ['62050.5', '62200.5', '62050.5', '62300.5']) await tickUntil(page, venue, price);
      expect(await toasts(page).count()).toBe(1);
      expect((await asked(page)).notifications).toHaveLength(1);
      expect((await asked(page)).tones).toBeGreaterThan(tonesBefore);

      await page.getByRole('button', { name: /^Arm again/ }).click();
      await page.getByRole('button', { name: /^Dismiss/ }).click();
      await tickUntil(page, venue, '62400.5');
      expect(await toasts(page).count()).toBe(0);
      await tickUntil(page, venue, '62000.5');
      // A trade between two tickers is enough.
      await trade(venue, '62101', `${venue}-1`);
      await waitForText(page, '.toast', /BTC-USD 62,101/);
      expect((await asked(page)).notifications).toHaveLength(2);
      expect(troubles).toEqual([]);
      await page.context().close();
    },
  );

  it('[D70] [D71] kept over a reload, and prices from before it fire nothing', async () => {
    const { page } = await openMarket('kraken');
    await tickUntil(page, 'kraken', '100.5');
    await addAlert(page, 'below', '90');
    await tickUntil(page, 'kraken', '99.5');
    await waitFor('an armed alert', () => page.evaluate(`localStorage['tickwire-alerts'].includes('ready')`));
    await page.goto('about:blank');
    await tick('kraken', '80.5');
    await trade('kraken', '80.5', 'old');
    await page.goto(`${gateway.url}/#/kraken/BTC-USD?interval=1s`);
    await waitForText(page, '#quote-price', /80\.5/);
    await waitForText(page, '#alerts-badge', /1/);
    // The page has both, and the alert is as it was.
    expect(await page.evaluate(`localStorage['tickwire-alerts'].includes('ready')`)).toBe(true);
    expect(await toasts(page).count()).toBe(0);
    await tickUntil(page, 'kraken', '81.5');
    await waitForText(page, '.toast', /BTC-USD 81\.5: at or below 90/);
    await page.context().close();
  });

  it('[D70] a price that is not live any more, and one that leaves its interval', async () => {
    const { page } = await openMarket('sim');
    await tickUntil(page, 'sim', '500.5');
    await addAlert(page, 'interval');
    await addAlert(page, 'stale');
    // Forecasts up to now, each for a minute ahead: none is past when a busy browser looks at it.
    const origin = Date.now() - 65_000;
    const forecast = (second: number, price: string): Promise<number> => {
      const rts = origin + second * 1_000;
      const pair = ['499', '501'];
      const horizon = {
        ...{ seconds: 60, target: rts + 60_000, center: '500', sigma: 0.01, warming: false },
        levels: { 50: pair, 80: pair, 90: pair, 95: pair },
        scores: { n: 0, coverage90: null, gain: null, hitRate: null },
      };
      const header = { type: 'price.forecast', venue: 'sim', symbol: 'BTC-USD', ts: rts, rts };
      return gateway.publish('forecast.sim.BTC-USD', { ...header, price, horizons: [horizon] });
    };
    for (let second = 0; second < 62; second += 1) await forecast(second, '500');
    await waitForText(page, '.range', /499/);
    await forecast(63, '500.5');
    await forecast(64, '502');
    await waitForText(page, '.toast', /BTC-USD 502: outside of the 90% interval forecast 60 s ago/);
    await tickUntil(page, 'sim', '501.5');
    const since = Date.now();
    const reported = { type: 'feed.health', venue: 'sim', symbol: 'BTC-USD', state: 'stale', ageMs: 0, since };
    // As a producer does, again and again: a tick on its way may come after the first.
    const publishing = setInterval(() => {
      const now = Date.now();
      void gateway.publish('health.sim.BTC-USD', { ...reported, ts: now, rts: now });
    }, 500);
    await waitForText(page, '#toasts', /BTC-USD: the price is not live any more/).finally(() =>
      clearInterval(publishing),
    );
    await page.context().close();
  });

  it('[D71] storage that holds something else is a clear start', async () => {
    const { page, troubles } = await openMarket('kraken', () => localStorage.setItem('tickwire-alerts', '[{"kind":'));
    await page.click('#alerts-open');
    await waitForText(page, '#alert-empty', /No alerts/);
    await addAlert(page, 'stale');
    await page.selectOption('#alert-kind', 'above');
    await page.fill('#alert-price', 'x');
    await page.click('#alert-add');
    await waitForText(page, '#alert-form-note', /not a price/);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
