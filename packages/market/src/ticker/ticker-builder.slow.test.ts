import { describe, expect, test } from '@jest/globals';
import type { Ticker, Trade } from '@tickwire/protocol';
import { Big } from 'big.js';
import { testSeed } from '../../../../tests/support/depth.js';
import type { FeedEvent } from '../feed.js';
import { createRandom } from '../simulated/random.js';
import { createDayWindow } from './day-window.js';
import { createTickerBuilder } from './ticker-builder.js';

const venue = 'sim';
const symbol = 'BTC-USD';
const start = Date.UTC(2024, 0, 1);
const minute = 60_000;
const day = 1440 * minute;
const seed = String(testSeed);

const trade = (ts: number, price: string, size = '1', more: Partial<Trade> = {}): FeedEvent => ({
  kind: 'trade',
  trade: { type: 'price.trade', venue, symbol, ts, rts: ts, id: '1', price, size, side: 'buy', ...more },
});
const quote = (ts: number, bid: string, ask: string): FeedEvent => ({
  kind: 'quote',
  quote: { venue, symbol, ts, rts: ts + 5, bid, bidSize: '1', ask, askSize: '2' },
});
const stats = (ts: number, fields: Partial<Ticker>): FeedEvent => ({
  kind: 'stats',
  stats: { venue, symbol, ts, rts: ts, ...fields },
});
const builder = () => createTickerBuilder({ venue, symbol });

describe('tickers', () => {
  test('[M60] there is no ticker before a price, and none without a change', () => {
    const tickers = builder();
    tickers.add(quote(start, '9', '11'));
    expect(tickers.take()).toBeUndefined();
    tickers.add(trade(start + 10, '10.00', '3'));
    expect(tickers.take()).toEqual({
      type: 'price.ticker',
      venue,
      symbol,
      ts: start + 10,
      rts: start + 10,
      last: '10.00',
      bid: '9',
      bidSize: '1',
      ask: '11',
      askSize: '2',
      open24h: '10.00',
      high24h: '10.00',
      low24h: '10.00',
      volume24h: '3',
      quoteVolume24h: '30',
      vwap24h: '10.00000000',
      change24h: '0',
      changePct24h: '0.000',
    });
    expect(tickers.take()).toBeUndefined();
    tickers.add(quote(start + 20, '9.5', '11'));
    expect(tickers.take()).toMatchObject({ ts: start + 20, rts: start + 25, bid: '9.5', last: '10.00' });
  });

  test('[M60] events that say nothing about prices make no ticker', () => {
    const tickers = builder();
    tickers.add(trade(start, '1'));
    tickers.take();
    tickers.add({ kind: 'state', state: { venue, symbol, state: 'live', rts: start } });
    tickers.add({ kind: 'gap', gap: { venue, symbol, rts: start } });
    tickers.add({ kind: 'end' });
    expect(tickers.take()).toBeUndefined();
  });

  test('[M61] a trade leaves the window with its minute, after 24 hours at most', () => {
    const tickers = builder();
    tickers.add(trade(start + 30_000, '5', '1'));
    tickers.add(trade(start + minute, '10', '2'));
    tickers.add(quote(start + day - 1, '1', '2'));
    expect(tickers.take()).toMatchObject({
      open24h: '5',
      low24h: '5',
      high24h: '10',
      volume24h: '3',
      quoteVolume24h: '25',
    });
    tickers.add(quote(start + day, '1', '2'));
    expect(tickers.take()).toMatchObject({
      open24h: '10',
      low24h: '10',
      high24h: '10',
      volume24h: '2',
      quoteVolume24h: '20',
    });
    tickers.add(quote(start + day + minute, '1', '2'));
    const empty = tickers.take();
    expect(empty).toMatchObject({ last: '10' });
    expect(empty).not.toHaveProperty('volume24h');
  });

  test(`[M61] [M64] the window equals a recomputation from all its trades (seed ${seed})`, () => {
    const random = createRandom(seed);
    const window = createDayWindow();
    const all: { ts: number; price: string; size: string }[] = [];
    let now = start;
    for (let i = 0; i < 3000; i++) {
      // Sometimes hours pass, and some trades are hours late.
      now += Math.floor(random.exponential() * (random.uniform() < 0.01 ? 6 * 3_600_000 : 20_000));
      const ts = now - (random.uniform() < 0.1 ? Math.floor(random.uniform() * 26 * 3_600_000) : 0);
      const one = { ts, price: (50 + random.normal()).toFixed(2), size: random.exponential().toFixed(4) };
      const from = (Math.floor(now / minute) - 1439) * minute;
      window.advance(now);
      expect(window.add(one.ts, one.price, one.size)).toBe(ts >= from);
      if (ts >= from) all.push(one);
      if (i % 100 !== 99) continue;
      const inside = all.filter((trade) => trade.ts >= from);
      const prices = inside.map((trade) => Number(trade.price));
      const volume = inside.reduce((sum, { size }) => sum.plus(size), Big(0));
      const quoteVolume = inside.reduce((sum, { price, size }) => sum.plus(Big(price).times(size)), Big(0));
      expect(window.summary()).toMatchObject({
        high: Math.max(...prices).toFixed(2),
        low: Math.min(...prices).toFixed(2),
        volume: volume.toFixed(),
        quoteVolume: quoteVolume.toFixed(),
        vwap: quoteVolume.div(volume).toFixed(8),
      });
    }
  });

  test('[M62] statistics of the venue win, and fields that it omits stay absent', () => {
    const tickers = builder();
    tickers.add(trade(start, '100', '1'));
    tickers.add(stats(start + 1, { open24h: '80', high24h: '120', low24h: '70', volume24h: '5000' }));
    const ticker = tickers.take();
    expect(ticker).toMatchObject({ open24h: '80', high24h: '120', low24h: '70', volume24h: '5000', last: '100' });
    expect(ticker).not.toHaveProperty('quoteVolume24h');
    expect(ticker).not.toHaveProperty('vwap24h');
  });

  test('[M62] a field that the venue omits comes from a whole observed day', () => {
    const tickers = builder();
    for (let at = 0; at < day; at += minute) tickers.add(trade(start + at, '2', '1'));
    tickers.add(stats(start + day - 1, { open24h: '1', volume24h: '1440.5' }));
    expect(tickers.take()).toMatchObject({ open24h: '1', volume24h: '1440.5', quoteVolume24h: '2880', high24h: '2' });
  });

  test('[M62] a price in the statistics counts while there is no newer trade', () => {
    const tickers = builder();
    tickers.add(stats(start, { last: '7', bid: '6', ask: '8', volume24h: '1' }));
    expect(tickers.take()).toMatchObject({ last: '7', bid: '6', ask: '8' });
    tickers.add(trade(start + 10, '7.5'));
    tickers.add(stats(start + 5, { last: '7.1', volume24h: '1' }));
    expect(tickers.take()).toMatchObject({ last: '7.5' });
  });

  test('[M63] trades after the last report of the venue widen its high and low, and move its change', () => {
    const tickers = builder();
    tickers.add(
      stats(start, { last: '100', open24h: '80', high24h: '120', low24h: '70', change24h: '20', changePct24h: '25' }),
    );
    expect(tickers.take()).toMatchObject({ change24h: '20', changePct24h: '25.000' });
    tickers.add(trade(start + 1, '130'));
    tickers.add(trade(start + 2, '60.5'));
    expect(tickers.take()).toMatchObject({
      last: '60.5',
      high24h: '130',
      low24h: '60.5',
      change24h: '-19.5',
      changePct24h: '-24.375',
    });
    tickers.add(stats(start + 1000, { last: '90', open24h: '80', high24h: '131', low24h: '60' }));
    expect(tickers.take()).toMatchObject({ last: '90', high24h: '131', low24h: '60', change24h: '10' });
  });

  test('[M64] a late trade counts for the day but is not the last price; one older than the day is counted apart', () => {
    const tickers = builder();
    tickers.add(trade(start + day - minute, '9', '1'));
    tickers.add(trade(start + day, '10', '1'));
    expect(tickers.take()).toMatchObject({ last: '10', low24h: '9', open24h: '9', volume24h: '2' });
    tickers.add(trade(start + 2 * minute, '5', '1'));
    tickers.add(trade(start, '1', '1'));
    expect(tickers.take()).toMatchObject({ last: '10', low24h: '5', open24h: '5', volume24h: '3' });
    expect(tickers.counters.outsideDay).toBe(1);
  });

  test('[M66] an event absurdly ahead of its receive time is left out', () => {
    const tickers = builder();
    tickers.add(trade(start, '1', '1'));
    tickers.add(trade(start * 1000, '2', '1', { rts: start + 1 }));
    expect(tickers.take()).toMatchObject({ last: '1', volume24h: '1', ts: start });
    expect(tickers.counters.ahead).toBe(1);
  });
});
