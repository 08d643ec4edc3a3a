import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { runFor, settle } from '../../../../tests/support/exchanges/index.js';
import type { FeedNotice } from '../exchange/exchange-status.js';
import type { FeedEvent } from '../feed.js';
import {
  type CcxtExchange,
  type CcxtMarket,
  type CcxtModule,
  type CcxtTicker,
  type CcxtTrade,
  loadCcxt,
} from './ccxt-exchange.js';
import { type CcxtFeedOptions, createCcxtFeed, readCcxtMarket } from './ccxt-feed.js';

const start = Date.UTC(2024, 0, 1);

const trade = (id: string | undefined, atMs: number, more: object = {}): CcxtTrade => ({
  id,
  timestamp: start + atMs,
  symbol: 'BTC/USDT',
  side: 'buy',
  price: '10.50',
  amount: '3.844E-5',
  ...more,
});

/** A ccxt with one exchange, whose watches wait until the test resolves or rejects them. */
const createCcxt = (has: object = {}) => {
  const watchers: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const tickers: typeof watchers = [];
  const wait = <T>(list: typeof watchers) =>
    new Promise<T>((resolve, reject) => list.push({ resolve: resolve as (value: unknown) => void, reject }));
  const all = (list: typeof watchers) => list.splice(0);
  const fake = {
    closed: 0,
    config: undefined as unknown,
    fetched: [] as CcxtTrade[],
    fetches: [] as [string, number][],
    exchange: undefined as CcxtExchange | undefined,
    tickers: {} as Record<string, CcxtTicker>,
    markets: {} as Record<string, CcxtMarket>,
    trades: async (...trades: CcxtTrade[]) => {
      for (const { resolve } of all(watchers)) resolve(trades);
      await settle();
    },
    ticker: async (ticker: CcxtTicker) => {
      for (const { resolve } of all(tickers)) resolve(ticker);
      await settle();
    },
    failTickers: async (error: Error) => {
      for (const { reject } of all(tickers)) reject(error);
      await settle();
    },
    fail: async (error: Error) => {
      for (const { reject } of [...all(watchers), ...all(tickers)]) reject(error);
      await settle();
    },
  };
  class Okx implements CcxtExchange {
    number = (text: string): unknown => Number(text);
    has = { watchTrades: true, watchTicker: true, fetchTrades: true, ...has };
    markets: Record<string, CcxtMarket> = {
      'BTC/USDT': { symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', spot: true },
      'BTC/USDT:USDT': { symbol: 'BTC/USDT:USDT', base: 'BTC', quote: 'USDT', spot: false },
    };
    constructor(config: object) {
      fake.config = config;
      fake.exchange = this;
    }
    loadMarkets = async () => Object.assign(this.markets, fake.markets);
    fetchTickers = async () => fake.tickers;
    watchTrades = () => wait<readonly CcxtTrade[]>(watchers);
    watchTicker = () => wait<CcxtTicker>(tickers);
    fetchTrades = async (symbol: string, since: number) => {
      fake.fetches.push([symbol, since]);
      return fake.fetched;
    };
    close = async () => {
      fake.closed += 1;
      await fake.fail(new Error('closed by user'));
    };
  }
  const module: CcxtModule = { pro: { okx: Okx } };
  return { fake, module };
};

const open = async (options: Partial<CcxtFeedOptions> = {}, has: object = {}) => {
  const { fake, module } = createCcxt(has);
  const clock = createManualClock(start);
  const events: FeedEvent[] = [];
  const feed = createCcxtFeed({
    exchange: 'okx',
    symbols: ['BTC-USDT'],
    load: async () => module,
    clock,
    random: () => 0.5,
    ...options,
  });
  await feed.start((array) => events.push(...array));
  await settle();
  const short = (): string[] =>
    events.splice(0).map((event) => {
      switch (event.kind) {
        case 'trade':
          return event.trade.id;
        case 'gap':
          return `gap after ${event.gap.afterId}`;
        case 'state':
          return `${event.state.state}${event.state.isComplete ? ' complete' : ''}`;
        default:
          return event.kind;
      }
    });
  return { fake, feed, clock, events, short };
};

const reported = (id: string) => ({ kind: 'trade', trade: expect.objectContaining({ id }) });

describe('a feed through ccxt', () => {
  test('[M94] gives each trade once, with its digits unchanged and exponents written out', async () => {
    const { fake, feed, events } = await open();
    expect(fake.exchange?.number('61837.63000000')).toBe('61837.63000000');
    expect(fake.config).toEqual({ newUpdates: true });
    await fake.trades(trade('2', 20), trade('1', 10));
    await fake.trades(trade('2', 20), trade('3', 30, { side: 'sell' }));
    const [down, live, first, ...rest] = events;
    expect([down, live]).toMatchObject([{ state: { state: 'down' } }, { state: { state: 'live' } }]);
    const header = { type: 'price.trade', venue: 'okx', symbol: 'BTC-USDT', ts: start + 10, rts: start };
    expect(first).toEqual({
      kind: 'trade',
      trade: { ...header, id: '1', price: '10.50', size: '0.00003844', side: 'buy' },
    });
    expect(rest).toEqual([reported('2'), { kind: 'trade', trade: expect.objectContaining({ id: '3', side: 'sell' }) }]);
    await feed.close();
  });

  test('[M94] trades without ids are distinguished by time and number', async () => {
    const { fake, feed, short } = await open();
    await fake.trades(trade(undefined, 10), trade(undefined, 10), trade(undefined, 11));
    await fake.trades(trade(undefined, 11));
    expect(short().slice(2)).toEqual([`${start + 10}-0`, `${start + 10}-1`, `${start + 11}-0`, `${start + 11}-1`]);
    await feed.close();
  });

  test('[M316] tickers that cannot be had are reported with the reason, while trades go on', async () => {
    const reasons: string[] = [];
    const onNotice: CcxtFeedOptions['onNotice'] = (notice) => {
      if (notice.kind === 'bad-entry') reasons.push(notice.reason);
    };
    const { fake, feed, short } = await open({ onNotice });
    await fake.trades(trade('1', 10));
    await fake.failTickers(new Error('watchTicker is not allowed'));
    await fake.trades(trade('2', 20));
    expect(short().slice(1)).toEqual(['live', '1', '2']);
    expect(reasons).toEqual(['BTC/USDT: no tickers: Error: watchTicker is not allowed']);
    await feed.close();
  });

  test('[M294] trades and tickers that cannot be used are reported; of trades that is a gap', async () => {
    const reasons: string[] = [];
    const onNotice: CcxtFeedOptions['onNotice'] = (notice) => {
      if (notice.kind === 'bad-entry') reasons.push(notice.reason);
    };
    const { fake, feed, short } = await open({ onNotice });
    await fake.trades(trade('1', 10));
    await fake.trades(trade('x', 12, { side: undefined }), trade('y', 13, { price: 10.5 }), trade('2', 14));
    await fake.ticker({ timestamp: start + 5, last: '-1' });
    expect(short().slice(2)).toEqual(['1', 'gap after 1', '2']);
    expect(reasons).toEqual([
      'BTC/USDT: expected side, got undefined',
      'BTC/USDT: expected decimal price, got 10.5',
      'BTC/USDT: expected amount last, got "-1"',
    ]);
    await feed.close();
  });

  test('[M294] an id seen before is a new trade if its time is another: ids may start over', async () => {
    const { fake, feed, short } = await open();
    await fake.trades(trade('1', 10), trade('2', 20), trade('3', 30));
    await fake.trades(trade('1', 3_600_000), trade('2', 3_600_000), trade('2', 3_600_000), trade('3', 30));
    expect(short().slice(2)).toEqual(['1', '2', '3', '1', '2']);
    await feed.close();
  });

  test('[M294] ids may be numbers, and a ticker may have null as its time', async () => {
    const { fake, feed, events } = await open();
    await fake.trades(trade('1', 10, { id: 17 }));
    await fake.ticker({ timestamp: null, last: '10.5' });
    expect(events.slice(2)).toEqual([
      reported('17'),
      { kind: 'stats', stats: { venue: 'okx', symbol: 'BTC-USDT', ts: start, rts: start, last: '10.5' } },
    ]);
    await feed.close();
  });

  test('[M94] a ticker is statistics, and a quote if it has sizes; missing fields stay absent', async () => {
    const { fake, feed, events } = await open();
    const header = { venue: 'okx', symbol: 'BTC-USDT', ts: start + 5, rts: start };
    const book = { bid: '10.4', bidVolume: '1', ask: '10.6', askVolume: '2' };
    await fake.ticker({
      timestamp: start + 5,
      ...book,
      last: '10.5',
      high: null,
      percentage: '-1.5',
      baseVolume: '1e3',
    });
    expect(events.slice(2)).toEqual([
      { kind: 'quote', quote: { ...header, bid: '10.4', bidSize: '1', ask: '10.6', askSize: '2' } },
      { kind: 'stats', stats: { ...header, last: '10.5', volume24h: '1000', changePct24h: '-1.5' } },
    ]);
    await fake.ticker({ timestamp: start + 5, last: 10.5 });
    await fake.ticker({ bid: '10.4', last: '10.5' });
    expect(events.slice(4)).toEqual([{ kind: 'stats', stats: { ...header, ts: start, last: '10.5', bid: '10.4' } }]);
    await feed.close();
  });

  test('[M94] after a broken connection the missed trades are fetched, if they reach back to the last one', async () => {
    const { fake, feed, short, clock } = await open();
    await fake.trades(trade('1', 10), trade('2', 20));
    short();
    await fake.fail(new Error('1006'));
    expect(short()).toEqual(['down']);
    await runFor(clock, 1_000);
    fake.fetched = [trade('2', 20), trade('3', 30), trade('4', 40)];
    await fake.trades(trade('4', 40), trade('5', 50));
    expect(short()).toEqual(['resync', '3', '4', '5', 'live complete']);
    expect(fake.fetches).toEqual([['BTC/USDT', start + 20]]);
    await feed.close();
  });

  test.each([
    ['that do not reach back', {}, [trade('4', 40)]],
    ['that cannot be asked for', { fetchTrades: false }, []],
  ])('[M94] after a broken connection trades %s leave a gap', async (_, has, fetched) => {
    const { fake, feed, short, clock } = await open({}, has);
    await fake.trades(trade('1', 10));
    short();
    fake.fetched = fetched;
    await fake.fail(new Error('1006'));
    await runFor(clock, 1_000);
    await fake.trades(trade('5', 50));
    expect(short()).toEqual(['down', 'resync', 'gap after 1', '5', 'live']);
    await feed.close();
  });

  test.each([
    [
      [trade('1', 10), trade('2', 20), trade('3', 30)],
      ['down', 'resync', '2', '3', 'live complete'],
    ],
    [[trade('3', 30)], ['down', 'resync', 'gap after 1', '3', 'live']],
  ])('[M103] goes on behind the last trade of whoever was there before (%#)', async (fetched, expected) => {
    const digits = { price: '10.50', size: '0.00003844', side: 'buy' } as const;
    const last = {
      type: 'price.trade',
      venue: 'okx',
      symbol: 'BTC-USDT',
      ts: start + 10,
      rts: start,
      id: '1',
      ...digits,
    } as const;
    const { fake, feed, short } = await open({ lastTrades: new Map([['BTC-USDT', last]]) });
    fake.fetched = fetched;
    await fake.trades(trade('3', 30));
    expect(short()).toEqual(expected);
    await feed.close();
  });

  test('[M94] failures are met with growing waits', async () => {
    const { fake, feed, clock } = await open({}, { watchTicker: false });
    const attempts: number[] = [];
    const failAgain = async (): Promise<void> => {
      attempts.push(clock.now() - start);
      await fake.fail(new Error('no'));
    };
    for (let i = 0; i < 4; i++) {
      await failAgain();
      const due = clock.nextDue();
      while (clock.nextDue() === due) await runFor(clock, 1);
      await runFor(clock, 20_000);
    }
    expect(attempts).toHaveLength(4);
    await feed.close();
    expect(clock.pending).toBe(0);
  });

  test('[M380] an exchange that cannot be reached from the start is down with the reason, and with the next one', async () => {
    const { fake, feed, clock, events } = await open({}, { watchTicker: false });
    for (const message of ['getaddrinfo ENOTFOUND', 'getaddrinfo ENOTFOUND', `403 ${'<p>'.repeat(9_999)}`]) {
      await fake.fail(Object.assign(new Error(message), { name: 'ExchangeNotAvailable' }));
      await runFor(clock, 60_000);
    }
    const reasons = events.map((event) => event.kind === 'state' && event.state.reason);
    expect(reasons.slice(0, 2)).toEqual(['not connected yet', 'ExchangeNotAvailable: getaddrinfo ENOTFOUND']);
    expect(reasons[2]).toMatch(/^ExchangeNotAvailable: 403 (<p>)+/);
    expect(String(reasons[2]).length).toBeLessThanOrEqual(200);
    expect(reasons).toHaveLength(3);
    await feed.close();
  });

  test('[M75] [M380] while symbols cannot be listed it is down with one short line, and asks again', async () => {
    const { module } = createCcxt();
    const Okx = module.pro['okx'] as new (config: object) => CcxtExchange;
    let isBlocked = true;
    class Blocked extends Okx {
      override loadMarkets = async () => {
        if (isBlocked) throw new Error(`okx 403\n${'<p>\n'.repeat(9_999)}`);
      };
    }
    const load = async () => ({ pro: { okx: Blocked } });
    await expect(readCcxtMarket({ exchange: 'okx', symbols: ['BTC-USDT'], load })).rejects.toThrow(
      /^okx did not list its symbols: Error: okx 403 <p> <p>/,
    );
    const notices: FeedNotice[] = [];
    const { feed, clock, events } = await open({ load, onNotice: (notice) => notices.push(notice) });
    expect(events).toMatchObject([{ kind: 'state', state: { symbol: 'BTC-USDT', state: 'down' } }]);
    const [{ state: { reason = '' } = {} } = {}] = events.flatMap((event) => (event.kind === 'state' ? [event] : []));
    expect(reason).toMatch(/okx did not list its symbols: Error: okx 403 <p>/);
    expect(reason.length).toBeLessThan(300);
    await runFor(clock, 60_000);
    isBlocked = false;
    await runFor(clock, 62_000);
    expect(events.at(-1)).toMatchObject({ state: { state: 'down', reason: 'not connected yet' } });
    expect(notices.map(({ kind }) => kind)).toEqual([
      ...Array<string>(notices.length - 1).fill('listing-failed'),
      'listed',
    ]);
    await feed.close();
    expect(clock.pending).toBe(0);
  });

  test.each(['RateLimitExceeded', 'DDoSProtection'])(
    '[M381] after %s an exchange is left alone for a minute',
    async (name) => {
      const { fake, feed, clock } = await open({}, { watchTicker: false });
      let asked = 0;
      const { watchTrades } = fake.exchange as CcxtExchange;
      Object.assign(fake.exchange as CcxtExchange, {
        watchTrades: (symbol: string) => {
          asked += 1;
          return watchTrades(symbol);
        },
      });
      await fake.fail(Object.assign(new Error('too much'), { name }));
      await runFor(clock, 59_000);
      expect(asked).toBe(0);
      await runFor(clock, 3_000);
      expect(asked).toBe(1);
      await feed.close();
    },
  );

  test('[M94] an unusual silence makes it stale and drops the connections, unless the exchange is silent too', async () => {
    const { fake, feed, clock, short } = await open();
    for (let i = 0; i < 40; i++) {
      await fake.trades(trade(String(i), i * 500));
      await runFor(clock, 500);
    }
    short();
    fake.fetched = [trade('39', 19_500)];
    await runFor(clock, 30_000);
    expect([short(), fake.closed]).toEqual([[], 0]);
    fake.fetched = [trade('39', 19_500), trade('40', 40_000)];
    await runFor(clock, 60_000);
    expect(fake.closed).toBe(1);
    expect(short()).toEqual(['stale', 'down']);
    await feed.close();
  });

  test('[M360] without a trade while tickers move, it is stale until one comes, and drops the connections', async () => {
    const { fake, feed, clock, short } = await open();
    for (let second = 0; second < 20 && fake.closed === 0; second += 1) {
      await fake.ticker({ timestamp: clock.wall(), last: String(10 + second) });
      await runFor(clock, 1_000);
    }
    expect(fake.closed).toBe(1);
    expect(short().filter((kind) => kind !== 'stats')).toEqual(['down', 'live', 'stale', 'down']);
    await feed.close();
  });

  test('[M360] tickers do not make it live while trades are missing', async () => {
    const { fake, feed, clock, short } = await open();
    for (let i = 0; i < 40; i++) {
      await fake.trades(trade(String(i), i * 500));
      await runFor(clock, 500);
    }
    short();
    fake.fetched = [trade('39', 19_500), trade('40', 40_000)];
    fake.exchange = Object.assign(fake.exchange as CcxtExchange, { close: async () => {} });
    for (let second = 0; second < 60; second += 1) {
      await fake.ticker({ timestamp: clock.wall(), last: '10' });
      await runFor(clock, 1_000);
    }
    expect(short().filter((kind) => kind !== 'stats')).toEqual(['stale']);
    await feed.close();
  });

  test('[M94] an exchange that ccxt does not have makes the start fail', async () => {
    await expect(open({ exchange: 'nasdaq' })).rejects.toMatchObject({ code: 'unknown-venue' });
    await expect(open({ exchange: 'constructor' })).rejects.toMatchObject({ code: 'unknown-venue' });
    await expect(open({ symbols: ['BTC-UDST'] })).rejects.toMatchObject({
      code: 'unknown-symbol',
      message: 'okx does not list BTC-UDST (nearest: BTC-USDT)',
    });
    await expect(open({}, { watchTrades: false })).rejects.toMatchObject({ code: 'bad-option' });
    expect(() => createCcxtFeed({ exchange: 'okx', symbols: [] })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });

  test('[M94] without the package the start says how to get it', async () => {
    const load = () => loadCcxt('a-package-that-is-not-there');
    const missing = createCcxtFeed({ exchange: 'okx', symbols: ['BTC-USDT'], load });
    await expect(missing.start(() => {})).rejects.toMatchObject({
      code: 'missing-package',
      message: 'this feed needs the package ccxt: npm install ccxt',
    });
  });

  test('[M92] starts once; after close nothing comes and no timer is left', async () => {
    const { fake, feed, events, clock } = await open();
    await expect(feed.start(() => {})).rejects.toMatchObject({ code: 'already-started' });
    await fake.trades(trade('1', 10));
    const count = events.length;
    await feed.close();
    await feed.close();
    await fake.trades(trade('2', 20));
    await runFor(clock, 10_000);
    expect([events.length, fake.closed, clock.pending]).toEqual([count, 1, 0]);
  });

  test('[M215] a pattern follows the list of ccxt, and `top` its tickers', async () => {
    const { feed, fake, clock, short } = await open({ symbols: ['*-USDT'], listingMs: 60_000 });
    const symbols = (): string[] => feed.instruments.map(({ symbol }) => symbol);
    expect(symbols()).toEqual(['BTC-USDT']);
    const { markets } = fake.exchange as { markets: Record<string, CcxtMarket> };
    markets['ETH/USDT'] = { symbol: 'ETH/USDT', base: 'ETH', quote: 'USDT', spot: true, active: true };
    markets['OLD/USDT'] = { symbol: 'OLD/USDT', base: 'OLD', quote: 'USDT', spot: true, active: false };
    await runFor(clock, 60_000);
    expect(symbols()).toEqual(['BTC-USDT', 'ETH-USDT']);
    short();
    delete markets['BTC/USDT'];
    await runFor(clock, 120_000);
    expect(symbols()).toEqual(['ETH-USDT']);
    expect(short()).toContain('down');
    await feed.close();
    expect(clock.pending).toBe(0);
  });

  test('[M330] what a pattern passes over because of its name is reported', async () => {
    const notices: FeedNotice[] = [];
    const onNotice = (notice: FeedNotice): void => void notices.push(notice);
    const { feed, fake, clock } = await open({ symbols: ['*-USDT'], listingMs: 60_000, onNotice });
    const { markets } = fake.exchange as { markets: Record<string, CcxtMarket> };
    markets['BÜR/USDT'] = { symbol: 'BÜR/USDT', base: 'BÜR', quote: 'USDT', spot: true, active: true };
    await runFor(clock, 180_000);
    const passed = notices.filter(({ kind }) => kind === 'passed-over');
    expect(passed).toMatchObject([{ venue: 'okx', count: 1, examples: ['BÜR/USDT'] }]);
    await feed.close();
  });

  test('[M215] `top` is empty for an exchange without volumes', async () => {
    const { fake, module } = createCcxt();
    const read = () => readCcxtMarket({ exchange: 'okx', symbols: ['top:1'], load: async () => module });
    expect((await read()).volumes.size).toBe(0);
    fake.tickers = { a: { symbol: 'BTC/USDT', last: '50000', baseVolume: '2', quoteVolume: undefined } };
    expect([...(await read()).volumes]).toEqual([['BTC-USDT', 100_000]]);
    fake.tickers = { ...fake.tickers, odd: null as unknown as CcxtTicker };
    fake.markets = { odd: null as unknown as CcxtMarket, half: { symbol: 'X/' } as CcxtMarket };
    expect([...(await read()).volumes]).toEqual([['BTC-USDT', 100_000]]);
  });
});
