import { describe, expect, it } from '@jest/globals';
import type { Ticker } from '@tickwire/protocol';
import { createDollarRates } from './dollar-rates.js';
import { createStateNews, priceState, type StateFacts, stateText } from './symbol-state.js';
import { createWatchEntry } from './watch-entry.js';

const facts: StateFacts = {
  isConnected: true,
  isSilent: false,
  isGatewayStale: false,
  isChannelStale: false,
  health: { state: 'live' },
  heardAt: 10_000,
  gapMs: 250,
  now: 10_100,
};
const ticker: Ticker = {
  type: 'price.ticker',
  venue: 'sim',
  symbol: 'BTC-USD',
  ts: 1,
  rts: 1,
  last: '100.5',
  bid: '100',
  ask: '101',
  changePct24h: '1.5',
  ageMs: 40,
};

describe('the state of a price', () => {
  it.each<[Partial<StateFacts>, string, string]>([
    [{}, 'live', 'live'],
    [{ health: undefined }, 'live', 'live'],
    [{ heardAt: undefined }, 'waiting', 'waiting for the first price'],
    [{ isConnected: false }, 'stale', 'stale: this page is not connected'],
    [{ isGatewayStale: true }, 'stale', 'stale: the gateway has lost its source'],
    [{ isChannelStale: true }, 'stale', 'stale: no update for a while'],
    [{ isSilent: true }, 'stale', 'stale: nothing arrives'],
    [{ health: { state: 'stale' } }, 'stale', 'stale: the venue has gone silent'],
    [{ health: { state: 'resync' } }, 'stale', 'stale: catching up with the venue'],
    [{ health: { state: 'down', reason: 'closed' } }, 'down', 'down: the venue is out of reach (closed)'],
    [{ health: { state: 'down' }, heardAt: undefined }, 'down', 'down: the venue is out of reach'],
    [{ now: 13_500 }, 'stale', 'stale: no update for a while'],
    [{ now: 13_500, gapMs: 1_000 }, 'live', 'live'],
    [{ now: 31_000, gapMs: 60_000 }, 'stale', 'stale: no update for a while'],
  ])('[D11] with %j it is %s: %s', (change, state, text) => {
    const all = { ...facts, ...change };
    expect(priceState(all)).toBe(state);
    expect(stateText(priceState(all), all)).toBe(text);
  });
});

describe('a symbol of the watchlist', () => {
  it('[D11] learns how often updates arrive, and an outage is not a habit', () => {
    const entry = createWatchEntry('sim', 'BTC-USD', createDollarRates());
    for (let at = 0; at <= 20_000; at += 250) entry.addTicker(ticker, at);
    expect(entry.gapMs).toBeCloseTo(250, -1);
    entry.addTicker(ticker, 600_000);
    expect(entry.gapMs).toBeLessThan(400);
  });

  it('[D310] one read back that is older than the newest changes neither, whatever the difference of the clocks', () => {
    const entry = createWatchEntry('sim', 'BTC-USD', createDollarRates());
    for (let at = 0; at <= 20_000; at += 250) entry.addTicker(ticker, at);
    // After a reconnect, with the clock of the server five seconds behind.
    entry.addTicker(ticker, 15_500);
    expect(entry.heardAt).toBe(20_000);
    for (let at = 21_000; at <= 90_000; at += 3_000) entry.addTicker(ticker, at);
    expect(entry.gapMs).toBeGreaterThan(1_500);
    expect(entry.gapMs).toBeLessThan(3_001);
  });

  it('[D11] [D4] knows its spread, its age at the venue, its last move and its digits', () => {
    const entry = createWatchEntry('sim', 'BTC-USD', createDollarRates());
    entry.addTicker(ticker, 1_000);
    expect(entry).toMatchObject({
      key: 'sim.BTC-USD',
      last: 100.5,
      changePercent: 1.5,
      decimals: 1,
      heardAtVenue: 960,
    });
    expect(entry.spreadBasisPoints).toBeCloseTo(99.5, 1);
    expect(entry.moved).toBe(0);
    entry.addTicker({ ...ticker, last: '100.25' }, 1_300);
    expect(entry).toMatchObject({ moved: -1, movedAt: 1_300, decimals: 2 });
    entry.addTicker({ ...ticker, last: '100.50000000', bid: '100.49800000' }, 1_600);
    expect(entry.decimals).toBe(3);
    const bare = createWatchEntry('sim', 'X-Y', createDollarRates());
    const { bid: _bid, changePct24h: _change, ...without } = ticker;
    bare.addTicker(without, 1);
    expect([bare.spreadBasisPoints, bare.changePercent]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('what is said of a price', () => {
  it('[D19] each change is news, what stays as it is is none', () => {
    const news = createStateNews();
    expect(news.isNews('waiting', true)).toBe(false);
    expect(news.isNews('live', true)).toBe(false);
    expect(news.isNews('live', true)).toBe(false);
    expect(news.isNews('stale', true)).toBe(true);
    expect(news.isNews('stale', true)).toBe(false);
    expect(news.isNews('down', true)).toBe(true);
    expect(news.isNews('live', true)).toBe(true);
  });

  it('[D19] around a reconnect the connection speaks for all prices', () => {
    const news = createStateNews();
    news.isNews('live', true);
    for (const [state, isConnected] of [
      ['stale', false],
      ['stale', true],
      ['live', true],
    ] as const) {
      expect(news.isNews(state, isConnected)).toBe(false);
    }
    expect(news.isNews('stale', true)).toBe(true);
  });

  it('[D19] another symbol begins anew', () => {
    const news = createStateNews();
    news.isNews('live', true);
    news.reset();
    expect(news.isNews('down', true)).toBe(false);
  });
});
