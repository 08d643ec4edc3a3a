import { describe, expect, test } from '@jest/globals';
import { binanceDialect, startVirtualFeed } from '../../../../tests/support/exchanges/index.js';
import { venueNames, venueOf } from './venues.js';

// Hours of virtual time.

describe.each(venueNames)('a feed of %s, for long', (venue) => {
  test('[M87] half an hour without a trade causes neither a reconnect nor `stale`', async () => {
    const { run, record, exchange, feed, symbols } = await startVirtualFeed(venue);
    await run(30_000);
    await run(1_800_000, 0);
    for (const symbol of symbols) {
      expect(record.state(symbol)).toBe('live');
      expect(record.states(symbol)).not.toContain('stale');
    }
    expect(exchange.connectTimes).toHaveLength(1);
    // Every silence is twice as long as the last, so the venue is not asked all the time.
    expect(exchange.requests.filter((url) => /trades/i.test(url)).length).toBeLessThan(40);
    await feed.close();
  });

  test('[M80] [M89] before the venue cuts a connection another takes over: never down, no trade lost or twice', async () => {
    const dialect = venue === 'binance' ? binanceDialect({ maxConnectionMs: 60_000 }) : undefined;
    const { run, faults, record, exchange, feed, notices, symbols } = await startVirtualFeed(venue, {
      ...(dialect && { dialect }),
      feed: { venue: { ...venueOf(venue), maxConnectionMs: 60_000 } },
    });
    await run(240_000, 1_000);
    await run(15_000, 0);
    expect(faults()).toEqual([]);
    expect(notices.filter(({ kind }) => kind === 'replaced').length).toBeGreaterThanOrEqual(3);
    expect(notices.filter(({ kind }) => kind === 'lost')).toEqual([]);
    for (const symbol of symbols) {
      expect(record.stateEvents(symbol).filter(({ state }) => state === 'live')).toHaveLength(1);
      expect(record.gaps(symbol)).toEqual([]);
    }
    expect(feed.status().trades.duplicates).toBeGreaterThan(3);
    expect(exchange.clients.size).toBeLessThanOrEqual(2);
    await feed.close();
  });

  test('[M83] [M84] half an hour of refusals is met with ever fewer attempts, none above the limits', async () => {
    const { run, exchange, feed, symbols, record } = await startVirtualFeed(venue, {
      prepare: ({ faults }) => {
        faults.refuseWith = { status: 503 };
      },
    });
    await run(1_800_000, 0);
    expect(exchange.violations).toEqual([]);
    expect(exchange.connectTimes.length).toBeGreaterThan(20);
    expect(exchange.connectTimes.length).toBeLessThan(130);
    for (const symbol of symbols) {
      expect(record.stateEvents(symbol).at(-1)).toMatchObject({ state: 'down', reason: 'refused with 503' });
    }
    exchange.faults.refuseWith = undefined;
    await run(120_000);
    expect(symbols.map(record.state)).toEqual(['live', 'live']);
    await feed.close();
  });
});

describe('a feed of many', () => {
  test('[M84] more pairs than a connection may have are spread over several', async () => {
    const symbols = Array.from({ length: 700 }, (_, i) => `A${i}-USDT`);
    const listing = symbols.map((symbol) => ({ symbol, name: symbol.replace('-', '') }));
    const { run, exchange, feed } = await startVirtualFeed('binance', { feed: { symbols, listing } });
    await run(30_000, 0);
    expect([...exchange.clients].map(({ streams }) => streams.size)).toEqual([900, 900, 300]);
    expect(exchange.violations).toEqual([]);
    expect(feed.status().connections).toHaveLength(3);
    await feed.close();
  });
});
