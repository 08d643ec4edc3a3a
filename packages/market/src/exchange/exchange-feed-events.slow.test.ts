import { describe, expect, test } from '@jest/globals';
import { fakeDialects, fakeSymbols, runFor, startVirtualFeed } from '../../../../tests/support/exchanges/index.js';
import type { FeedEvent } from '../feed.js';
import { createExchangeFeed } from './exchange-feed.js';
import { venueNames } from './venues.js';

describe.each(venueNames)('a feed of %s', (venue) => {
  test('[M70] [M90] gives each trade as it happened, and goes live with its first data', async () => {
    const { record, run, faults, symbols, feed, exchange } = await startVirtualFeed(venue);
    await run(30_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    for (const symbol of symbols) {
      expect(record.tradeIds(symbol).length).toBeGreaterThan(50);
      expect(record.gaps(symbol)).toEqual([]);
      expect(record.states(symbol).filter((state) => state === 'live')).toHaveLength(1);
      expect(record.state(symbol)).toBe('live');
      expect(record.stateEvents(symbol)[0]).toMatchObject({ state: 'down', reason: 'not connected yet' });
    }
    const kinds = new Set(record.events.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['quote', 'state', 'stats', 'trade']);
    expect(exchange.violations).toEqual([]);
    expect(feed.status()).toMatchObject({ venue, connected: 1, frames: { bad: 0 }, trades: { gaps: 0, missing: 0 } });
    await feed.close();
  });

  test('[M82] trades from before the start are not emitted', async () => {
    const { record, run, symbols, feed, exchange } = await startVirtualFeed(venue);
    await run(3_000, 0);
    for (const symbol of symbols) expect(record.tradeIds(symbol)).toEqual([]);
    const [symbol = ''] = symbols;
    exchange.trade(symbol);
    await run(500, 0);
    expect(record.tradeIds(symbol)).toEqual([exchange.truth(symbol).at(-1)?.id]);
    await feed.close();
  });

  test('[M77] trades in another order wait a moment, and nothing is requested', async () => {
    const { record, run, faults, exchange, feed, symbols } = await startVirtualFeed(venue);
    await run(5_000, 0);
    const asked = exchange.requests.length;
    for (const symbol of symbols) {
      exchange.faults.swapTrades = 1;
      exchange.trade(symbol, 3);
    }
    await run(2_000, 0);
    expect([faults(), exchange.requests.length - asked]).toEqual([[], 0]);
    expect(record.states(symbols[0] as string)).not.toContain('resync');
    await feed.close();
  });

  test('[M78] a hole is filled from the venue, and those behind it wait', async () => {
    const { record, run, faults, exchange, feed, symbols } = await startVirtualFeed(venue);
    await run(5_000);
    exchange.faults.loseTrades = 6;
    await run(10_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    for (const symbol of symbols) {
      expect(record.gaps(symbol)).toEqual([]);
      const states = record.stateEvents(symbol).slice(-2);
      expect(states).toMatchObject([
        { state: 'resync', reason: 'fetching missed trades' },
        { state: 'live', isComplete: true },
      ]);
      // The state comes before the missed trades, and `live` after them.
      const order = record.events.filter((event) => event.kind === 'state' && event.state.symbol === symbol);
      expect(record.events.indexOf(order.at(-1) as FeedEvent)).toBeGreaterThan(
        record.events.indexOf(order.at(-2) as FeedEvent) + 1,
      );
    }
    expect(feed.status().trades).toMatchObject({ refilled: 6, gaps: 0 });
    await feed.close();
  });

  test('[M78] an answer that lags behind the stream is requested again', async () => {
    const { run, faults, record, exchange, feed, symbols } = await startVirtualFeed(venue);
    await run(5_000);
    exchange.faults.loseTrades = 2;
    exchange.faults.restLag = 5;
    await run(1_500);
    exchange.faults.restLag = 0;
    await run(6_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    for (const symbol of symbols) expect(record.gaps(symbol)).toEqual([]);
    await feed.close();
  });

  test('[M79] trades that the venue does not have become a gap, and the trades behind wait no longer than configured', async () => {
    const { run, faults, record, exchange, feed, clock, symbols } = await startVirtualFeed(venue);
    const [symbol = ''] = symbols;
    await run(5_000, 500);
    const lost = (exchange.truth(symbol).at(-1)?.id ?? 0) + 1;
    exchange.faults.forgotten.add(`${symbol}#${lost}`);
    exchange.faults.loseTrades = 1;
    exchange.trade(symbol);
    const lostAt = clock.now();
    await run(20_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    expect(record.gaps(symbol)).toEqual([{ afterId: lost - 1, beforeId: lost + 1 }]);
    const gap = record.events.find(({ kind }) => kind === 'gap');
    expect(gap?.kind === 'gap' && gap.gap.rts - lostAt).toBeLessThan(12_000);
    expect(record.stateEvents(symbol).at(-1)).toMatchObject({ state: 'live' });
    expect(record.stateEvents(symbol).at(-1)).not.toHaveProperty('isComplete');
    await feed.close();
  });

  test('[M103] continues after the last published trades', async () => {
    const symbols = fakeSymbols[venue].map(({ symbol }) => symbol);
    const [whole = '', holed = ''] = symbols;
    const header = {
      type: 'price.trade',
      venue,
      ts: Date.UTC(2024, 0, 1),
      rts: 1,
      price: '1',
      size: '1',
      side: 'buy',
    } as const;
    const lastTrades = new Map(symbols.map((symbol) => [symbol, { ...header, symbol, id: '1001' }]));
    const { run, faults, record, feed } = await startVirtualFeed(venue, {
      feed: { lastTrades },
      prepare: (exchange) => {
        // More trades than any venue sends of the past unasked.
        for (const symbol of symbols) exchange.trade(symbol, 60);
        exchange.faults.forgotten.add(`${holed}#1002`);
      },
    });
    await run(30_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    expect(record.tradeIds(whole).slice(0, 3)).toEqual([1_002, 1_003, 1_004]);
    expect(record.gaps(whole)).toEqual([]);
    expect(record.tradeIds(holed).slice(0, 2)).toEqual([1_003, 1_004]);
    expect(record.gaps(holed)).toEqual([{ afterId: 1_001, beforeId: 1_003 }]);
    for (const symbol of symbols) expect(record.state(symbol)).toBe('live');
    await feed.close();
  });

  test('[M86] a connection on which nothing comes, heartbeats neither, is given up, and what was missed is fetched', async () => {
    const { run, faults, record, exchange, feed, notices, symbols } = await startVirtualFeed(venue);
    await run(20_000);
    exchange.halfOpenAll();
    await run(25_000, 0);
    expect(notices.find(({ kind }) => kind === 'lost')).toMatchObject({
      reason: expect.stringContaining('no answer to a ping'),
    });
    for (const symbol of symbols) exchange.trade(symbol, 3);
    await run(40_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    for (const symbol of symbols) {
      expect(record.gaps(symbol)).toEqual([]);
      const live = record.stateEvents(symbol).filter(({ state }) => state === 'live');
      expect(live.map(({ isComplete }) => isComplete)).toEqual([undefined, true]);
    }
    await feed.close();
  });

  test('[M88] where the market moves, its silence gives a dead connection away before any ping does', async () => {
    const { run, faults, record, exchange, feed, clock, symbols } = await startVirtualFeed(venue);
    await run(60_000);
    exchange.halfOpenAll();
    const diedAt = clock.now();
    await run(30_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    for (const symbol of symbols) expect(record.gaps(symbol)).toEqual([]);
    const back = record.events.find((event) => event.kind === 'quote' && event.quote.rts > diedAt + 1_000);
    expect(back?.kind === 'quote' && back.quote.rts - diedAt).toBeLessThan(20_000);
    await feed.close();
  });

  test('[M88] a single symbol without data is detected, reported, and taken over by a new connection', async () => {
    const { run, faults, record, exchange, feed, notices, symbols } = await startVirtualFeed(venue);
    const [symbol = '', other = ''] = symbols;
    await run(60_000);
    exchange.stall(symbol);
    await run(60_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    expect(record.gaps(symbol)).toEqual([]);
    expect(record.state(symbol)).toBe('live');
    for (const each of [symbol, other])
      expect(record.states(each).filter((state) => state === 'down').length).toBeLessThan(4);
    expect(record.states(other).filter((state) => state === 'live')).toHaveLength(1);
    const wasReported = record.states(symbol).includes('stale') || record.states(symbol).includes('resync');
    expect(wasReported).toBe(true);
    expect(notices.some(({ kind }) => kind === 'lost')).toBe(false);
    await feed.close();
  });

  test('[M84] after 429 there is no connection until Retry-After has passed', async () => {
    const { run, exchange, feed, clock, faults } = await startVirtualFeed(venue);
    await run(5_000);
    exchange.faults.refuseWith = { status: 429, retryAfterS: 90 };
    exchange.cutAll(1006, 'cut');
    while (exchange.connectTimes.length < 2) await run(1_000);
    const refusedAt = exchange.connectTimes[1] as number;
    exchange.faults.refuseWith = undefined;
    while (exchange.connectTimes.length < 3) await run(1_000);
    expect((exchange.connectTimes[2] as number) - refusedAt).toBeGreaterThanOrEqual(90_000);
    expect(clock.now() - refusedAt).toBeLessThan(100_000);
    await run(20_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    await feed.close();
  });

  test('[M85] a subscription without an answer is requested again', async () => {
    const { run, exchange, feed, symbols, record, faults } = await startVirtualFeed(venue, {
      prepare: (prepared) => {
        prepared.faults.ignoreSubscribes = 3;
      },
    });
    await run(60_000);
    await run(2_000, 0);
    expect(symbols.map(record.state)).toEqual(['live', 'live']);
    expect(exchange.connectTimes).toHaveLength(1);
    expect(faults()).toEqual([]);
    await feed.close();
  });

  test('[M85] a connection that answers no subscription at all is replaced', async () => {
    const { run, exchange, feed, notices } = await startVirtualFeed(venue, {
      prepare: (prepared) => {
        prepared.faults.ignoreSubscribes = 1_000;
      },
    });
    await run(90_000, 0);
    expect(exchange.connectTimes.length).toBeGreaterThan(1);
    expect(notices.find(({ kind }) => kind === 'lost')).toMatchObject({
      reason: expect.stringContaining('not answered'),
    });
    await feed.close();
  });

  test('[M73] hostile frames are counted and skipped, and change nothing', async () => {
    const { run, exchange, feed, faults, record, notices } = await startVirtualFeed(venue);
    await run(5_000);
    await run(3_000, 0);
    const clean = record.events.length;
    const hostile = [
      ...['', 'null', '[]', '7', '"x"', '{', '\u0000', '{"__proto__":{"e":"trade"}}', '['.repeat(100_000)],
      ...['{"e":"trade","s":"BTCUSDT"}', '{"type":"match","product_id":"BTC-USD"}', '{"channel":"trade","data":{}}'],
      ...['{"channel":"trade","data":[{"symbol":"BTC/USD","price":1}]}', '{"type":"subscriptions","channels":7}'],
      `{"e":"trade","s":"BTCUSDT","p":"${'9'.repeat(10_000_000)}"}`,
    ];
    for (const client of exchange.clients) for (const text of hostile) client.sendRaw(text);
    await run(300, 0);
    expect(record.events.length).toBe(clean);
    const { frames } = feed.status();
    expect([frames.oversize, frames.bad + frames.ignored + frames.oversize >= hostile.length]).toEqual([1, true]);
    expect(frames.bad).toBeGreaterThan(4);
    expect(
      notices
        .filter(({ kind }) => kind === 'bad-frame')
        .every((notice) => !('text' in notice) || notice.text.length <= 200),
    ).toBe(true);
    await run(10_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    expect(exchange.connectTimes).toHaveLength(1);
    await feed.close();
  });

  test('[M74] an unknown symbol makes the start fail with one line that has the nearest names', async () => {
    const { started, feed, run } = await startVirtualFeed(venue, { feed: { symbols: ['BTC-UDS'] } });
    await run(1_000, 0);
    await expect(started).rejects.toMatchObject({
      code: 'unknown-symbol',
      message: expect.stringMatching(new RegExp(`^${venue} does not list BTC-UDS \\(nearest: BTC-USDT?.*\\)$`)),
    });
    await feed.close();
  });

  test('[M75] while the list of the venue cannot be read the feed is down with the reason; then it continues', async () => {
    const { started, run, symbols, record, exchange, feed, faults } = await startVirtualFeed(venue, {
      prepare: (prepared) => {
        prepared.faults.rest = 'down';
      },
    });
    await run(60_000);
    await started;
    for (const symbol of symbols) {
      expect(record.stateEvents(symbol)).toMatchObject([
        { state: 'down', reason: expect.stringContaining(`${venue} does not list its symbols: `) },
      ]);
    }
    expect(exchange.connectTimes).toEqual([]);
    exchange.faults.rest = 'fine';
    await run(120_000);
    await run(2_000, 0);
    expect(symbols.map(record.state)).toEqual(['live', 'live']);
    expect(faults()).toEqual([]);
    await feed.close();
  });

  test('[M91] shows how far the clocks are apart', async () => {
    const { run, feed } = await startVirtualFeed(venue);
    await run(90_000);
    const { clockOffset } = feed.status();
    expect(Math.abs(clockOffset?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual((clockOffset?.errorMs ?? 0) + 1);
    expect(clockOffset?.errorMs).toBeLessThan(150);
    await feed.close();
  });

  test('[M92] after close no event comes and no timer is left; missing trades are reported before', async () => {
    const { run, feed, record, exchange, clock, faults, symbols } = await startVirtualFeed(venue);
    const [symbol = ''] = symbols;
    await run(5_000);
    await run(500, 0);
    exchange.faults.loseTrades = 1;
    exchange.faults.rest = 'hanging';
    exchange.trade(symbol, 3);
    await run(500, 0);
    const truth = exchange.truth(symbol).map(({ id }) => id);
    expect(record.tradeIds(symbol).at(-1)).toBe(truth.at(-4));
    await feed.close();
    await feed.close();
    expect(record.tradeIds(symbol).slice(-2)).toEqual(truth.slice(-2));
    expect(faults()).toEqual([]);
    const reported = record.events.length;
    exchange.trade(symbol, 5);
    await run(60_000, 0);
    expect(record.events.length).toBe(reported);
    // Only the exchange's own timer is left.
    expect(clock.pending).toBe(1);
    expect(exchange.clients.size).toBe(0);
  });
});

describe('a feed of one venue', () => {
  test('[M82] a heartbeat shows a trade that never came, without another behind it', async () => {
    const { run, record, exchange, feed, symbols, faults } = await startVirtualFeed('coinbase');
    const [symbol = ''] = symbols;
    await run(5_000);
    await run(1_000, 0);
    exchange.faults.loseTrades = 1;
    exchange.trade(symbol);
    await run(4_000, 0);
    expect(faults()).toEqual([]);
    expect(record.gaps(symbol)).toEqual([]);
    await feed.close();
  });

  test('[M89] after the notice of a cut another connection takes over, not all at once', async () => {
    const { run, record, exchange, feed, notices, faults, symbols } = await startVirtualFeed('binance');
    await run(60_000, 1_000);
    exchange.announceShutdown();
    await run(150_000, 1_000);
    exchange.cutAll(1001, 'restart');
    await run(20_000, 1_000);
    await run(2_000, 0);
    expect(notices.filter(({ kind }) => kind === 'replaced')).toHaveLength(1);
    expect(faults()).toEqual([]);
    // The new connection was cut too, because the fake has only one server.
    expect(symbols.map(record.state)).toEqual(['live', 'live']);
    await feed.close();
  });

  test('[M315] a stream of quotes that dies while trades go on gets another connection, and nothing is lost', async () => {
    const { run, record, exchange, feed, notices, faults, symbols, clock } = await startVirtualFeed('binance');
    const [symbol = ''] = symbols;
    await run(60_000, 1_000);
    for (let second = 0; second < 60; second += 1) {
      for (const each of symbols) exchange.trade(each);
      exchange.quote(symbols[1] as string);
      await runFor(clock, 1_000);
    }
    const reasons = notices.flatMap((notice) => (notice.kind === 'replacing' ? [notice.reason] : []));
    expect(reasons).toEqual([`${symbol}: trades go on without quotes`]);
    await run(20_000, 1_000);
    await run(2_000, 0);
    expect(faults()).toEqual([]);
    expect(record.gaps(symbol)).toEqual([]);
    expect(record.states(symbol).filter((state) => state === 'live')).toHaveLength(1);
    await feed.close();
  });

  test('[M90] maintenance of the venue makes its instruments stale, with its own word', async () => {
    const { run, record, exchange, feed, symbols } = await startVirtualFeed('kraken');
    const [symbol = ''] = symbols;
    await run(5_000);
    const status = (system: string): string => `{"channel":"status","data":[{"system":"${system}"}],"type":"update"}`;
    for (const client of exchange.clients) client.sendRaw(status('maintenance'));
    await run(2_000, 0);
    expect(record.stateEvents(symbol).at(-1)).toMatchObject({
      state: 'stale',
      reason: 'kraken says: maintenance',
    });
    for (const client of exchange.clients) client.sendRaw(status('online'));
    await run(2_000);
    expect(record.state(symbol)).toBe('live');
    await feed.close();
  });

  test('[M85] a pair that the venue rejects is down with its reason; the others continue', async () => {
    const { run, record, feed, exchange, symbols, clock } = await startVirtualFeed('kraken', {
      feed: {
        symbols: ['BTC-USD', 'FOO-USD'],
        listing: [
          { symbol: 'BTC-USD', name: 'BTC/USD', priceDecimals: 1, sizeDecimals: 8 },
          { symbol: 'FOO-USD', name: 'FOO/USD', priceDecimals: 1, sizeDecimals: 8 },
        ],
      },
    });
    await run(10_000);
    expect(record.state('BTC-USD')).toBe('live');
    expect(record.stateEvents('FOO-USD').at(-1)).toMatchObject({
      state: 'down',
      reason: 'Currency pair not supported FOO/USD',
    });
    expect(feed.status().instruments.map(({ state }) => state)).toEqual(['live', 'down']);
    await run(200_000);
    expect(exchange.connectTimes).toHaveLength(1);
    expect([symbols[0], clock.now() > 0]).toEqual(['BTC-USD', true]);
    await feed.close();
  });

  test('[M90] the status shows each instrument with its age', async () => {
    const { run, feed, clock } = await startVirtualFeed('binance');
    await run(10_000);
    await runFor(clock, 3_000);
    const [status] = feed.status().instruments;
    expect(status).toMatchObject({ venue: 'binance', symbol: 'BTC-USDT', state: 'live' });
    expect(status?.ageMs).toBeGreaterThan(1_500);
    expect(status?.staleAfterMs).toBeGreaterThanOrEqual(5_000);
    await feed.close();
  });

  test('[M92] starts once, and not after close; impossible options are rejected', async () => {
    const { feed, run } = await startVirtualFeed('binance');
    await expect(feed.start(() => {})).rejects.toMatchObject({ code: 'already-started' });
    await run(1_000);
    await feed.close();
    const refused = expect.objectContaining({ code: 'bad-option' });
    expect(() => createExchangeFeed({ venue: 'binance', symbols: [] })).toThrow(refused);
    expect(() => createExchangeFeed({ venue: 'binance', symbols: ['A-B', 'A-B'] })).toThrow(refused);
    // Values that a configuration could contain.
    expect(() => createExchangeFeed({ venue: 'nasdaq' as 'binance', symbols: ['A-B'] })).toThrow(
      expect.objectContaining({ code: 'unknown-venue' }),
    );
  });
});

// Coinbase names its newest trade in heartbeats.
test.each(['binance', 'kraken'] as const)(
  '[M360] a stream of trades that never begins on %s is stale while prices move, and subscribed again ever less often',
  async (venue) => {
    let isSilent = true;
    const { run, record, exchange, feed, notices, symbols } = await startVirtualFeed(venue, {
      dialect: (market) => {
        const dialect = fakeDialects[venue](market);
        return { ...dialect, tradeFrames: (...args) => (isSilent ? [] : dialect.tradeFrames(...args)) };
      },
    });
    const [symbol = ''] = symbols;
    await run(60_000);
    expect(record.stateEvents(symbol).some(({ reason = '' }) => /^no trades for \d+ s$/.test(reason))).toBe(true);
    expect(notices.some((notice) => notice.kind === 'replacing' && notice.reason?.includes('trades'))).toBe(true);
    await run(600_000);
    expect(exchange.connectTimes.length).toBeLessThan(10);
    isSilent = false;
    await run(60_000);
    expect(symbols.map(record.state)).toEqual(symbols.map(() => 'live'));
    expect(record.tradeIds(symbol).at(-1)).toBeGreaterThan((exchange.truth(symbol).at(-1)?.id ?? 0) - 3);
    await feed.close();
  },
);
